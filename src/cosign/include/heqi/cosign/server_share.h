// heqi/cosign/server_share.h: the server's share d2, made anew from the master key X for each use
// (GM/Y 5013 §5.3.3.2.2 2): d2 = KDF(SM4_X(AppID || PlatformID || KeyID), klen).
#pragma once
#include <heqi/cosign/key_name.h>
#include <heqi/crypto/sm4.h>

namespace heqi::cosign {

// derive_server_share is d2 of one key: SM4_X, block by block, over AppID, PlatformID, KeyID, epoch
// and the version of X, each with its length before it, padded with zeros to whole blocks; then the
// KDF of GM/T 0003.4 with klen 384, and d2 = 1 + (v mod (n−1)), so that it is in 1…n−1 without
// bias. Constant time in X. Never store the result. Fails as check_key_name does.
base::Result<crypto::SecretScalar> derive_server_share(const crypto::Sm4Key& master_key,
                                                       std::uint32_t master_key_version,
                                                       const KeyName& name);

// scalar_of_stream is 1 + (v mod (n−1)) of a big-endian v of at most 64 octets; constant time.
crypto::SecretScalar scalar_of_stream(base::ByteView stream);

}  // namespace heqi::cosign
