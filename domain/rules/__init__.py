"""The rules of law: what the texts say of an act, of what was supplied, and of what the registers know.

``case`` what a rule is shown; ``rule`` what a rule is; ``decision``, ``people``, ``money``, ``beneficiary``,
``duties`` the rules themselves; ``catalogue`` all of them, and :func:`domain.rules.catalogue.examine`; ``settings``
the points that an authority decides. ``docs/rules.md`` is made from the catalogue.
"""
