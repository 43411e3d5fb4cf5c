// sdf_interface.h: what of GM/T 0018 is used of a server's cipher device: its structures for keys
// of 256 to 512 bits, where shorter numbers stand at the right end, and the functions that a
// maker's library exports. All give 0, or an error.
#pragma once
#include <cstdint>

namespace heqi::program {

inline constexpr unsigned kSdfNumberSize = 64;  // ECCref_MAX_LEN

#pragma pack(push, 1)
struct SdfPublicKey {  // ECCrefPublicKey
  unsigned int bits;
  std::uint8_t x[kSdfNumberSize], y[kSdfNumberSize];
};
struct SdfSignature {  // ECCSignature
  std::uint8_t r[kSdfNumberSize], s[kSdfNumberSize];
};
#pragma pack(pop)

// SdfFunctions are those of the library, by their names there.
struct SdfFunctions {
  int (*SDF_OpenDevice)(void** device);
  int (*SDF_CloseDevice)(void* device);
  int (*SDF_OpenSession)(void* device, void** session);
  int (*SDF_CloseSession)(void* session);
  int (*SDF_GetPrivateKeyAccessRight)(void* session, unsigned int key, unsigned char* password,
                                      unsigned int password_size);
  int (*SDF_ReleasePrivateKeyAccessRight)(void* session, unsigned int key);
  int (*SDF_ExportSignPublicKey_ECC)(void* session, unsigned int key, SdfPublicKey* public_key);
  int (*SDF_InternalSign_ECC)(void* session, unsigned int key, unsigned char* digest,
                              unsigned int digest_size, SdfSignature* signature);
};

// The errors that are told apart.
inline constexpr int kSdfDenied = 0x01000007, kSdfNoSuchKey = 0x01000008,
                     kSdfNoSuchAlgorithm = 0x01000009, kSdfNoAccessRight = 0x01000018;

}  // namespace heqi::program
