"""What people open: the legal affairs desk, the signing pages, the verification page and the JSON API.

Every page is rendered by the server and works without JavaScript. The portal decides nothing: it shows what the
circuits answer, and passes on what a person decided, once it knows who that person is. What it needs of the world
is in ``portal/ports.py``.
"""
