# An application that asks for signatures: it signs statements, never documents.
profile = "application"
lifetime_hours = 26280
key_usage = "digitalSignature"
purposes = "clientAuth"
