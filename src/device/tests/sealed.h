// sealed.h: what is signed with a seal (TBS_Sign of GB/T 38540-2020 §7), and what merely looks like
// it.
#pragma once
#include <heqi/asn1/writer.h>
#include <heqi/crypto/sm3.h>

namespace heqi::device {

struct Sealed {
  std::int64_t version = 4, header_version = 4;
  std::string mark = "ES", name = "合契科技有限公司";
  std::string id = "11010800000001";
  std::size_t hash_size = 32;
  bool has_time = true, has_more = false;
  base::Time time = base::time_from_micros(1'700'000'000'000'000);
  base::Time valid_from = time, valid_until = time;
  std::int64_t list_type = 1;  // certificates; 2: digests
  std::vector<base::Bytes> signers = {base::Bytes(40, 0x5A)};
  std::string algorithm = "SM3";  // of digests
  std::size_t picture_size = 40;
};

inline void write_signer(asn1::Writer& list, const Sealed& sealed, const base::Bytes& signer) {
  if (sealed.list_type == 1) {
    list.octet_string(signer);
    return;
  }
  list.sequence(
      [&](asn1::Writer& one) { one.printable_string(sealed.algorithm).octet_string(signer); });
}

inline base::Bytes to_be_sealed(const Sealed& sealed = {}) {
  const base::Bytes some(40, 0x5A);
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.integer(sealed.version);
    w.sequence([&](asn1::Writer& seal) {
      seal.sequence([&](asn1::Writer& info) {
        info.sequence([&](asn1::Writer& header) {
          header.ia5_string(sealed.mark).integer(sealed.header_version).ia5_string("heqi");
        });
        info.ia5_string(sealed.id);
        info.sequence([&](asn1::Writer& property) {
          property.integer(1).utf8_string(sealed.name).integer(sealed.list_type);
          property.sequence([&](asn1::Writer& list) {
            for (const base::Bytes& signer : sealed.signers) write_signer(list, sealed, signer);
          });
          property.generalized_time(sealed.valid_from);  // made
          property.generalized_time(sealed.valid_from).generalized_time(sealed.valid_until);
        });
        info.sequence([&](asn1::Writer& picture) {
          picture.ia5_string("PNG")
              .octet_string(base::Bytes(sealed.picture_size, 1))
              .integer(40)
              .integer(40);
        });
      });
      seal.octet_string(some).oid(asn1::Oid::of("1.2.156.10197.1.501")).bit_string(some);
    });
    if (sealed.has_time) w.generalized_time(sealed.time);
    w.bit_string(base::Bytes(sealed.hash_size, 7));
    w.ia5_string("/Doc_0/Signs/Sign_0/Signature.xml");
    if (sealed.has_more) w.null();
  });
  return out.take();
}

}  // namespace heqi::device
