// Makers, signers and seals for tests, and the layouts that others write.
#pragma once
#include <heqi/asn1/writer.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/seal/verify.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::documents::seal {

using base::Bytes;
using base::ByteView;
using base::Code;
using testing::at;
using testing::Authority;
using testing::Credential;

inline const base::Time kSealedAt = at("2026-06-01T12:00:00Z");
inline const base::Time kNow = at("2026-06-01T18:00:00Z");

using testing::must;

// one_pixel is a PNG of one red, half transparent pixel.
inline Bytes one_pixel() {
  return testing::hex(
      "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
      "0000000d49444154789c63f8cfc0d00000048101802c55ceb00000000049454e44ae426082");
}

// SealWorld has an authority, a maker of seals, and a person who may use one.
class SealWorld {
 public:
  explicit SealWorld(std::uint64_t seed = 11)
      : authority(seed),
        maker(authority.make_person("Seal Maker")),
        alice(authority.make_person("Alice")),
        mallory(authority.make_person("Mallory")) {}

  SealRequest request() const {
    SealRequest out;
    out.info.vendor = "Heqi";
    out.info.id = "11010800000001";
    out.info.name = "合契科技有限公司";
    out.info.created = at("2026-01-02T00:00:00Z");
    out.info.valid_from = at("2026-01-02T00:00:00Z");
    out.info.valid_until = at("2027-01-02T00:00:00Z");
    out.info.picture = {"PNG", one_pixel(), 40, 40};
    out.signers = {alice.certificate};
    return out;
  }
  Bytes make(const SealRequest& wish) {
    return must(make_seal(wish, maker.certificate, *maker.signer));
  }
  Bytes make() { return make(request()); }

  Bytes to_sign(ByteView seal, ByteView data, base::Time time = kSealedAt) const {
    const crypto::Digest digest = crypto::sm3(data);
    return must(encode_to_sign({base::to_bytes(seal),
                                time,
                                Bytes(digest.begin(), digest.end()),
                                "/Doc_0/Signs/Sign_0/Signature.xml",
                                {}}));
  }
  Bytes sign(ByteView to_sign, const Credential& who) const {
    return must(assemble_sealed_signature(to_sign, who.certificate, who.signer->algorithm(),
                                          must(who.signer->sign(to_sign))));
  }
  Bytes sealed(ByteView data) { return sign(to_sign(make(), data), alice); }

  SealCheck check(base::Time now = kNow) const {
    SealCheck out;
    out.trust = authority.trust();
    out.path.intermediates = authority.chain();
    out.now = now;
    return out;
  }
  SealJudgement judge(ByteView sealed, ByteView data, const SealCheck& how) const {
    const SealedSignature parsed = must(parse_sealed_signature(sealed));
    return verify_sealed_signature(parsed, data, how, {sm2_, sm3_});
  }
  SealJudgement judge(ByteView sealed, ByteView data) const { return judge(sealed, data, check()); }

  Authority authority;
  Credential maker, alice, mallory;

 private:
  x509::Sm2SignatureVerifier sm2_;
  pki::Sm3Digester sm3_;
};

inline std::string words(const SealJudgement& judgement) {
  std::string out;
  for (std::size_t i = 0; i < kSteps; ++i)
    out += std::string(name_of(static_cast<Step>(i))) + " " +
           std::string(name_of(judgement.steps[i].outcome)) + " " + judgement.steps[i].why + "\n";
  return out;
}

// Foreign writes seals and signatures the way that other makers do.
struct Foreign {
  Layout layout = Layout::v4;
  std::int64_t version = 0;  // 0: that of the layout
  std::string mark = "ES";
  enum class Extensions {
    none,
    untagged,
    explicit_tag,
    implicit_tag,
    written_false
  } extensions = Extensions::none;
  bool octets_for_bits = false;
  bool other_times = false;         // the type that the layout does not want
  bool wide = false;                // the maker signs the other extent than the layout says
  bool utf8_texts = false;          // instead of IA5String
  bool certificate_inside = false;  // the fork that nobody should guess at
  std::function<Bytes(const Bytes&)> value = {};  // changes signature values
  std::optional<asn1::Oid> algorithm = std::nullopt;
  bool untagged_stamp = false;
  std::function<void(asn1::Writer&)> time = {};  // of version 1

  std::int64_t stated() const {
    return version != 0 ? version : layout == Layout::v1 ? 1 : layout == Layout::v4 ? 4 : 5;
  }
  void text(asn1::Writer& writer, std::string_view what) const {
    utf8_texts ? writer.utf8_string(what) : writer.ia5_string(what);
  }
  void bits(asn1::Writer& writer, ByteView octets) const {
    octets_for_bits ? writer.octet_string(octets) : writer.bit_string(octets);
  }
  void seal_time(asn1::Writer& writer, base::Time when) const {
    const bool general = (layout == Layout::v1) == other_times;
    general ? writer.generalized_time(when) : writer.time(when);
  }
  Bytes changed(const Bytes& signature) const { return value ? value(signature) : signature; }
  asn1::Oid named() const { return algorithm.value_or(x509::oids::sm2_with_sm3()); }

  void write_extension(asn1::Writer& list) const {
    list.sequence([&](asn1::Writer& fields) {
      fields.oid(asn1::Oid::of("1.2.156.10197.6.7.2.2.1"));
      if (extensions == Extensions::written_false) fields.boolean(false);
      fields.octet_string(base::bytes_of("2.1"));
    });
  }
  void write_extensions(asn1::Writer& info) const {
    const auto one = [&](asn1::Writer& list) { write_extension(list); };
    if (extensions == Extensions::untagged || extensions == Extensions::written_false)
      info.sequence(one);
    if (extensions == Extensions::explicit_tag)
      info.explicit_tag(0, [&](asn1::Writer& tagged) { tagged.sequence(one); });
    if (extensions == Extensions::implicit_tag) info.explicit_tag(0, one);
  }

  Bytes info(const SealRequest& wish) const {
    asn1::Writer out;
    out.sequence([&](asn1::Writer& fields) {
      fields.sequence([&](asn1::Writer& header) {
        text(header, mark), header.integer(stated()), text(header, wish.info.vendor);
      });
      text(fields, wish.info.id);
      fields.sequence([&](asn1::Writer& property) {
        property.integer(wish.info.type).utf8_string(wish.info.name);
        if (layout != Layout::v1) property.integer(1);
        property.sequence([&](asn1::Writer& list) {
          for (const auto& one : wish.signers) list.octet_string(one.der());
        });
        for (const base::Time when :
             {wish.info.created, wish.info.valid_from, wish.info.valid_until})
          seal_time(property, when);
      });
      fields.sequence([&](asn1::Writer& picture) {
        text(picture, wish.info.picture.type);
        picture.octet_string(wish.info.picture.data);
        picture.integer(wish.info.picture.width_mm).integer(wish.info.picture.height_mm);
      });
      if (certificate_inside) fields.octet_string(base::bytes_of("certificate"));
      write_extensions(fields);
    });
    return out.take();
  }

  Bytes seal(const SealRequest& wish, const Credential& maker) const {
    const Bytes inside = info(wish);
    asn1::Writer triple;
    triple.sequence([&](asn1::Writer& all) {
      all.raw(inside).octet_string(maker.certificate.der()).oid(named());
    });
    const bool over_triple = (layout == Layout::v1) != wide;
    const Bytes signature =
        changed(must(maker.signer->sign(over_triple ? triple.bytes() : inside)));
    asn1::Writer out;
    out.sequence([&](asn1::Writer& members) {
      members.raw(inside);
      const auto sign_info = [&](asn1::Writer& fields) {
        fields.octet_string(maker.certificate.der()).oid(named());
        bits(fields, signature);
      };
      layout == Layout::v1 ? static_cast<void>(members.sequence(sign_info)) : sign_info(members);
    });
    return out.take();
  }

  Bytes to_sign(ByteView seal, ByteView data, const Credential& who) const {
    const crypto::Digest digest = crypto::sm3(data);
    asn1::Writer out;
    out.sequence([&](asn1::Writer& fields) {
      fields.integer(stated()).raw(seal);
      if (layout != Layout::v1)
        seal_time(fields, kSealedAt);
      else if (time)
        time(fields);
      else
        fields.bit_string(base::bytes_of("2026-06-01 20:00:00"));
      bits(fields, digest);
      text(fields, "/Doc_0/Signs/Sign_0/Signature.xml");
      if (layout == Layout::v1) fields.octet_string(who.certificate.der()).oid(named());
    });
    return out.take();
  }

  Bytes sealed(ByteView seal, ByteView data, const Credential& who,
               const std::function<Bytes(const Bytes&)>& stamp = {}) const {
    const Bytes tbs = to_sign(seal, data, who);
    const Bytes signature = changed(must(who.signer->sign(tbs)));
    asn1::Writer out;
    out.sequence([&](asn1::Writer& members) {
      members.raw(tbs);
      if (layout != Layout::v1) members.octet_string(who.certificate.der()).oid(named());
      bits(members, signature);
      if (!stamp) return;
      const Bytes token = stamp(signature);
      if (untagged_stamp)
        members.bit_string(token);
      else
        members.explicit_tag(0, [&](asn1::Writer& tagged) { tagged.bit_string(token); });
    });
    return out.take();
  }
};

}  // namespace heqi::documents::seal
