"""The journey in a real browser. A package, so that its stack and its Chromium end before other tests begin."""
