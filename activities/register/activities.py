"""The register's activities. Sync: they block on the database, in the worker's thread pool."""

from temporalio import activity

from activities.refusals import refusing
from activities.register.register import Register
from domain.resolver import resolve
from domain.tasks import (
    ALLOCATE_NUMBER,
    OPEN_CIRCUIT,
    RECORD,
    RESOLVE,
    AllocateNumberAnswer,
    AllocateNumberRequest,
    Done,
    OpenCircuitAnswer,
    OpenCircuitRequest,
    RecordRequest,
    ResolveAnswer,
    ResolveRequest,
)


class RegisterActivities:
    """What workflows ask of the register."""

    def __init__(self, register: Register) -> None:
        self._register = register

    @activity.defn(name=OPEN_CIRCUIT.name, no_thread_cancel_exception=True)
    @refusing
    def open_circuit(self, request: OpenCircuitRequest) -> OpenCircuitAnswer:
        return self._register.open_circuit(request)

    @activity.defn(name=ALLOCATE_NUMBER.name, no_thread_cancel_exception=True)
    @refusing
    def allocate_number(self, request: AllocateNumberRequest) -> AllocateNumberAnswer:
        return AllocateNumberAnswer(number=self._register.allocate_number(request.convention_id, request.year))

    @activity.defn(name=RECORD.name, no_thread_cancel_exception=True)
    @refusing
    def record(self, request: RecordRequest) -> Done:
        self._register.record(request)
        return Done()

    @activity.defn(name=RESOLVE.name, no_thread_cancel_exception=True)
    @refusing
    def resolve_powers(self, request: ResolveRequest) -> ResolveAnswer:
        register = self._register.power_register(request.question.authority)
        return ResolveAnswer(resolution=resolve(register, request.question, request.delegate_first))
