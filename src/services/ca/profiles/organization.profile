# An organisation's signature certificate for a year.
profile = "organization"
lifetime_hours = 8760
key_usage = "digitalSignature nonRepudiation"
purposes = "documentSigning emailProtection"
identity = "optional"
review = "two_person"
