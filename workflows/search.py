"""The one registry of search attributes: what the desk can filter live conventions by. No personal data in them."""

from temporalio.common import SearchAttributeKey

STAGE = SearchAttributeKey.for_keyword("ParapheStage")
DELIBERATION = SearchAttributeKey.for_keyword("ParapheDeliberation")
DUE_AT = SearchAttributeKey.for_datetime("ParapheDueAt")
AMOUNT = SearchAttributeKey.for_int("ParapheAmountCents")
NEEDS_ATTENTION = SearchAttributeKey.for_bool("ParapheNeedsAttention")

ALL = (STAGE, DELIBERATION, DUE_AT, AMOUNT, NEEDS_ATTENTION)
