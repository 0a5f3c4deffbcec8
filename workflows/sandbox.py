"""The sandbox that workflows run in, here and in replays: on, with our pure models passed through."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED_THROUGH = ("domain", "pydantic", "pydantic_core", "email_validator", "dns", "idna", "stdnum", "holidays")
"""Pure, and imported late by pydantic or by the calendar: loading them anew in each workflow would only cost."""

RUNNER = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
