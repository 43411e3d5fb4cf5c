# A time-stamp authority (RFC 3161 §2.3, GM/T 0033).
profile = "time_stamp_authority"
lifetime_hours = 26280
key_usage = "digitalSignature nonRepudiation"
purposes = "timeStamping"
