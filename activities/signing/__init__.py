"""PAdES signatures: the fields, the signing, the timestamps, the validation and the verification.

    fields        two empty signature fields where the template's bookmarks are
    signer        who holds the key: a port and its backends
    timestamps    RFC 3161 over HTTP, an ordered list of authorities
    trust         the roots and the revocation lists that a validation may rely on
    revocation    asking the authorities whether certificates are revoked (OCSP, lists)
    hexadecimal   reading signatures faster than pyHanko does
    appearance    what a signature looks like on the page (fonts: the embedded fonts)
    making        making one signature, not judged yet
    lasting       what makes it last: material for validation, timestamp of the document
    sealing       a signature, whole: made, made to last, judged, compared
    validation    judging the signatures of a file, and measuring their level
    material      what a file carries for its own validation
    certificates  how a certificate's names are said
    waiting       calling pyHanko's coroutines from ordinary code
    comparison    what a signature may change in a file, and nothing else
    verification  the same judgement in plain French, for any file
    activity      the two activities that the workflow calls

Standards: ETSI EN 319 142-1 (PAdES), RFC 3161 (timestamps), RFC 5280 (certificates), ISO 32000-2 § 12.8, ISO 19005-2.
"""
