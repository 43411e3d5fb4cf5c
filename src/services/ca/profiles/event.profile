# One signing event (GM/Y 5013 §5.2.1): at most a day, and it carries the hashes of the evidence
# that was taken on the spot.
profile = "event"
lifetime_hours = 24
key_usage = "digitalSignature nonRepudiation"
purposes = "documentSigning"
identity = "optional"
evidence = "required"
review = "automatic"
