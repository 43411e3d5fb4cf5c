// simulator.cc: the functions of GM/T 0018 that sign with SM2, over a folder that HEQI_SDF_FOLDER
// names: N.key is the key of index N (PEM), N.password its password, and `fault` says what goes
// wrong: "session" (lost at the next signature, once), "dead" (each signature loses it),
// "signature" (of something else), "narrow" (numbers of 32 octets), "closed" (no device). The
// structures are written down here anew, as a maker would have them.
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm2.h>
#include <heqi/x509/sm2_encoding.h>

namespace {

using heqi::base::Bytes;
using heqi::base::ByteView;
using heqi::crypto::PrivateKey;

constexpr unsigned kMaxBits = 512, kMaxLength = (kMaxBits + 7) / 8;
constexpr int kOk = 0, kOpenDevice = 0x01000005, kOpenSession = 0x01000006, kNoKey = 0x01000008,
              kArguments = 0x0100001D, kRight = 0x01000018, kStep = 0x01000010,
              kMakersOwn = 0x02000007;

struct Session {
  std::vector<unsigned> rights;
};

std::string at(const std::string& name) {
  const char* folder = std::getenv("HEQI_SDF_FOLDER");
  return std::string(folder == nullptr ? "" : folder) + "/" + name;
}

std::string text_in(const std::string& name) {
  const auto read = heqi::base::read_file(at(name), 4'096);
  return read ? std::string(heqi::base::trim(heqi::base::text_of(*read))) : std::string();
}

bool has_fault(const char* name) {
  return text_in("fault") == name;
}

heqi::base::Result<PrivateKey> key_of(unsigned index) {
  HEQI_TRY(const Bytes file, heqi::base::read_file(at(std::to_string(index) + ".key"), 4'096));
  HEQI_TRY(const auto blocks, heqi::base::parse_pem(heqi::base::text_of(file)));
  return heqi::x509::parse_private_key(blocks.at(0).der);
}

// put writes 32 octets to the right end of a number, or to its left one where that is the fault.
void put(unsigned char* number, ByteView octets) {
  std::memset(number, 0, kMaxLength);
  std::memcpy(number + (has_fault("narrow") ? 0 : kMaxLength - octets.size()), octets.data(),
              octets.size());
}

Session* lost = nullptr;  // the session that the fault took

}  // namespace

extern "C" {

#define SDF_FUNCTION __attribute__((visibility("default")))

typedef struct {
  unsigned int bits;
  unsigned char x[kMaxLength];
  unsigned char y[kMaxLength];
} ECCrefPublicKey;

typedef struct {
  unsigned char r[kMaxLength];
  unsigned char s[kMaxLength];
} ECCSignature;

SDF_FUNCTION int SDF_OpenDevice(void** device) {
  if (has_fault("closed")) return kOpenDevice;
  *device = new int(0);
  return kOk;
}

SDF_FUNCTION int SDF_CloseDevice(void* device) {
  delete static_cast<int*>(device);
  return kOk;
}

SDF_FUNCTION int SDF_OpenSession(void* device, void** session) {
  if (device == nullptr) return kOpenSession;
  *session = new Session;
  return kOk;
}

SDF_FUNCTION int SDF_CloseSession(void* session) {
  if (lost == session) lost = nullptr;
  delete static_cast<Session*>(session);
  return kOk;
}

SDF_FUNCTION int SDF_GetPrivateKeyAccessRight(void* session, unsigned int index,
                                              unsigned char* password, unsigned int size) {
  if (!heqi::base::read_file(at(std::to_string(index) + ".key"), 4'096)) return kNoKey;
  const std::string given(reinterpret_cast<char*>(password), size);
  if (given != text_in(std::to_string(index) + ".password")) return kMakersOwn;
  static_cast<Session*>(session)->rights.push_back(index);
  return kOk;
}

SDF_FUNCTION int SDF_ReleasePrivateKeyAccessRight(void* session, unsigned int index) {
  std::erase(static_cast<Session*>(session)->rights, index);
  return kOk;
}

SDF_FUNCTION int SDF_ExportSignPublicKey_ECC(void*, unsigned int index, ECCrefPublicKey* out) {
  const auto key = key_of(index);
  if (!key) return kNoKey;
  const auto point = key->public_key().encode();
  out->bits = 256;
  put(out->x, ByteView(point).subspan(1, 32));
  put(out->y, ByteView(point).subspan(33, 32));
  return kOk;
}

SDF_FUNCTION int SDF_InternalSign_ECC(void* session, unsigned int index, unsigned char* data,
                                      unsigned int size, ECCSignature* out) {
  auto* const open = static_cast<Session*>(session);
  if (open == nullptr || open == lost) return kStep;
  if (has_fault("session") || has_fault("dead")) {
    if (has_fault("session")) static_cast<void>(heqi::base::write_file(at("fault"), {}));
    lost = open;
    return kStep;
  }
  if (size != heqi::crypto::kSm3Size) return kArguments;
  bool may = false;
  for (const unsigned one : open->rights) may = may || one == index;
  if (!may) return kRight;
  const auto key = key_of(index);
  if (!key) return kNoKey;
  heqi::crypto::Digest e{};
  std::memcpy(e.data(), data, e.size());
  if (has_fault("signature")) e[0] ^= 1;
  heqi::base::SystemRandom random;
  const auto signature = heqi::crypto::sign_digest(*key, e, random);
  if (!signature) return kStep;
  put(out->r, signature->r.encode());
  put(out->s, signature->s.encode());
  return kOk;
}

}  // extern "C"
