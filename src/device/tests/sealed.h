// sealed.h: what is signed with a seal (TBS_Sign of GB/T 38540-2020 §7), and what merely looks like
// it.
#pragma once
#include <heqi/asn1/writer.h>
#include <heqi/crypto/sm3.h>

namespace heqi::device {

struct Sealed {
  std::int64_t version = 4, header_version = 4;
  std::string mark = "ES", name = "合契科技有限公司";
  std::size_t hash_size = 32;
  bool has_time = true, has_more = false;
};

inline base::Bytes to_be_sealed(const Sealed& sealed = {}) {
  const base::Time now = base::time_from_micros(1'700'000'000'000'000);
  const base::Bytes some(40, 0x5A);
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.integer(sealed.version);
    w.sequence([&](asn1::Writer& seal) {
      seal.sequence([&](asn1::Writer& info) {
        info.sequence([&](asn1::Writer& header) {
          header.ia5_string(sealed.mark).integer(sealed.header_version).ia5_string("heqi");
        });
        info.ia5_string("11010800000001");
        info.sequence([&](asn1::Writer& property) {
          property.integer(1).utf8_string(sealed.name).integer(1);
          property.sequence([&](asn1::Writer& list) { list.octet_string(some); });
          property.generalized_time(now).generalized_time(now).generalized_time(now);
        });
        info.sequence([&](asn1::Writer& picture) {
          picture.ia5_string("PNG").octet_string(some).integer(40).integer(40);
        });
      });
      seal.octet_string(some).oid(asn1::Oid::of("1.2.156.10197.1.501")).bit_string(some);
    });
    if (sealed.has_time) w.generalized_time(now);
    w.bit_string(base::Bytes(sealed.hash_size, 7));
    w.ia5_string("/Doc_0/Signs/Sign_0/Signature.xml");
    if (sealed.has_more) w.null();
  });
  return out.take();
}

}  // namespace heqi::device
