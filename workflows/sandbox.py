"""The sandbox that workflows run in, here and in replays: on, with our pure models passed through."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

LIBRARIES = ("domain", "pydantic", "pydantic_core", "email_validator", "dns", "idna", "stdnum", "holidays")
"""Pure, and imported late by pydantic or by the calendar: loading them anew in each workflow would only cost."""

OURS = tuple(
    f"workflows.{name}" for name in ("case", "journal", "letters", "messages", "search", "signing", "views", "world")
)
"""What the workflows are made of: one copy of each class, or pydantic would not know its own models."""

RUNNER = SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*LIBRARIES, *OURS))
