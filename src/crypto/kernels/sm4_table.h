// sm4_table.h: the table of a vector kernel V.
#pragma once
#include "sm4_chained.h"
#include "sm4_gcm.h"
#include "sm4_xts.h"

namespace heqi::crypto::internal::sm4_vector {

template <class V>
constexpr Sm4Kernel make_table(std::string_view path, bool (*runs)(const Processor&)) {
  return {.path = path,
          .runs = runs,
          .expand = expand<V>,
          .ecb = ecb<V>,
          .ctr = ctr<V>,
          .cbc_encrypt = cbc_encrypt<V>,
          .cbc_decrypt = cbc_decrypt<V>,
          .cbc_mac = cbc_mac<V>,
          .cbc_streams = cbc_streams<V>,
          .xts_ieee = xts<V, IeeeOrder<V>>,
          .xts_gb = xts<V, GbOrder<V>>,
          .make_powers = make_powers<V>,
          .ghash = ghash<V>,
          .gcm_encrypt = gcm_encrypt<V>,
          .gcm_decrypt = gcm_decrypt<V>,
          .ccm_encrypt = ccm<V, true>,
          .ccm_decrypt = ccm<V, false>};
}

}  // namespace heqi::crypto::internal::sm4_vector
