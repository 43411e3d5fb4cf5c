// zuc_operations: ZUC with GFNI: a key's stream and tag.
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/zuc.h>

#include <algorithm>

#include "operations.h"
#include "zuc_kernel.h"

namespace heqi::kernel_timing {
namespace {

const base::Bytes kText(80, 0x61);

bool has_gfni() {
  return crypto::internal::kZucGfni.runs(crypto::processor());
}
void prepare() {
  (void)crypto::choose_path("zuc", "gfni256");
}

crypto::ZucKey key_of(base::ByteView secret) {
  return crypto::ZucKey(secret.first<crypto::kZucKeySize>());
}
void encrypt(base::ByteView secret) {
  std::array<std::uint8_t, 80> out;
  (void)crypto::zuc_eea3(key_of(secret), {}, kText, 8 * kText.size(), out);
}
void tag(base::ByteView secret) {
  (void)crypto::zuc_eia3(key_of(secret), {}, kText, 8 * kText.size());
}

constexpr Operation kOperations[] = {
    {"zuc_eea3@gfni256", crypto::kZucKeySize, has_gfni, prepare, encrypt},
    {"zuc_eia3@gfni256", crypto::kZucKeySize, has_gfni, prepare, tag}};

}  // namespace

std::span<const Operation> zuc_operations() {
  return kOperations;
}

}  // namespace heqi::kernel_timing
