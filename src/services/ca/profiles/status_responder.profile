# A delegated OCSP responder (RFC 6960 §4.2.2.2).
profile = "status_responder"
lifetime_hours = 26280
key_usage = "digitalSignature"
purposes = "OCSPSigning"
