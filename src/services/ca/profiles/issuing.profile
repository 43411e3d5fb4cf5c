# An issuing authority: no authority stands below it.
profile = "issuing"
lifetime_hours = 87600
key_usage = "keyCertSign cRLSign"
