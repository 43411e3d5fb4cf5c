# The second certificate of a pair: the key comes from the key management centre.
profile = "encryption"
lifetime_hours = 8760
key_usage = "keyEncipherment dataEncipherment keyAgreement"
purposes = "emailProtection"
identity = "optional"
review = "manual"
