# A person's signature certificate for a year (GB/T 20518; document signing: RFC 9336).
profile = "person"
lifetime_hours = 8760
key_usage = "digitalSignature nonRepudiation"
purposes = "documentSigning emailProtection"
identity = "optional"
review = "manual"
