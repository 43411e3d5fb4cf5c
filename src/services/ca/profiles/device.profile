# A device that proves who it is to a server.
profile = "device"
lifetime_hours = 8760
key_usage = "digitalSignature"
purposes = "clientAuth"
alternative_names = "optional"
review = "automatic"
