# A root: signs issuing authorities and its own list of revoked ones.
profile = "root"
lifetime_hours = 175200
key_usage = "keyCertSign cRLSign"
