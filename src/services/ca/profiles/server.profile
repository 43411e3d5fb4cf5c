# A TLS server. Its names are checked by whoever asks for it (ACME, EST).
profile = "server"
lifetime_hours = 2160
key_usage = "digitalSignature"
purposes = "serverAuth"
alternative_names = "required"
review = "manual"
