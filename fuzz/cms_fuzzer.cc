// Signed messages: whatever is read can be verified, stamped and read again without harm; what it
// carries is signed anew in each shape that producers are known to make, and holds for its content
// only.
// uses: heqi_pki heqi_testing_pki
// covers: src/pki/cms_parse.cc src/pki/cms_verify.cc src/pki/cms_build.cc src/pki/ber.cc
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/pki/ber.h>
#include <heqi/pki/cms.h>
#include <heqi/pki/crl.h>
#include <heqi/testing/authority.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/sm2_encoding.h>

namespace {

using namespace heqi;
using base::Bytes;
using base::ByteView;

struct Parties {
  testing::Authority authority{1};
  testing::Credential person = authority.make_person("Signer");
};
Parties& parties() {
  static Parties made;
  return made;
}

const pki::Algorithms& algorithms() {
  static const x509::Sm2SignatureVerifier signatures;
  static const pki::Sm3Digester digests;
  static const pki::Algorithms value{signatures, digests};
  return value;
}

// Shape is one way to bind content: what is sent, what is signed, and whether attributes say so.
struct Shape {
  pki::Profile profile;
  std::optional<Bytes> sent;
  Bytes signed_octets;
  bool attributes;
};

std::vector<Shape> shapes_of(ByteView content) {
  const crypto::Digest digest = crypto::sm3(content);
  const Bytes hash(digest.begin(), digest.end()), whole = base::to_bytes(content);
  const std::string text = base::to_base64(hash);
  const Bytes letters = base::to_bytes(base::bytes_of(text));
  using enum pki::Profile;
  return {{international, std::nullopt, whole, true}, {gm_t_0010, whole, whole, true},
          {international, hash, hash, true},          {international, letters, letters, true},
          {gm_t_0010, whole, whole, false},           {international, hash, hash, false},
          {gm_t_0010, std::nullopt, whole, false},    {international, std::nullopt, hash, false}};
}

base::Result<Bytes> sign(const Shape& shape, const pki::SignedData& like) {
  const testing::Credential& person = parties().person;
  pki::SignedDataParts parts;
  parts.profile = shape.profile;
  parts.content = shape.sent;
  parts.certificates = parties().authority.chain();
  parts.crls = like.crls;
  parts.unsigned_attributes = like.signers.front().unsigned_values;
  parts.signature_algorithm = person.signer->algorithm();
  Bytes octets = shape.signed_octets;
  if (shape.attributes) {
    x509::SignedAttributes attributes;
    attributes.content_type =
        shape.profile == pki::Profile::gm_t_0010 ? x509::oids::gm_data() : x509::oids::cms_data();
    const crypto::Digest digest = crypto::sm3(shape.signed_octets);
    attributes.message_digest.assign(digest.begin(), digest.end());
    attributes.signing_time = testing::at("2026-06-01T12:00:00Z");
    attributes.signing_certificate = x509::make_reference(person.certificate);
    HEQI_TRY(parts.signed_attributes, x509::encode_signed_attributes(attributes));
    octets = parts.signed_attributes;
  }
  HEQI_TRY(parts.signature, person.signer->sign(octets));
  return pki::assemble_signed_data(parts, person.certificate);
}

// sign_anew: each shape holds for its content, and for no other.
void sign_anew(const pki::SignedData& like) {
  const Bytes content = like.content.value_or(Bytes{1, 2, 3});
  Bytes other = content;
  other.push_back(0);
  for (const Shape& shape : shapes_of(content)) {
    const auto der = sign(shape, like);
    if (!der) continue;  // more attributes than are written
    const auto message = pki::parse_signed_data(*der);
    if (!message) continue;
    const auto evidence = pki::verify_signed_data(*message, content, {}, algorithms());
    HEQI_CHECK(!evidence || !pki::name_of(evidence->binding).empty());
    HEQI_CHECK(!pki::verify_signed_data(*message, other, {}, algorithms()));
    if (shape.sent) static_cast<void>(pki::verify_encapsulated(*message, {}, algorithms()));
    const auto& authority = parties().authority;
    HEQI_CHECK(pki::check_certificates(*message, {authority.root().certificate}, algorithms()));
  }
}

// pass_off: signed attributes, whose signature somebody has, are no content without attributes.
void pass_off(ByteView digest_source, const pki::SignedData& like) {
  x509::SignedAttributes attributes;
  attributes.content_type = x509::oids::gm_data();
  const crypto::Digest digest = crypto::sm3(digest_source);
  attributes.message_digest.assign(digest.begin(), digest.end());
  const auto octets = x509::encode_signed_attributes(attributes);
  HEQI_CHECK(octets.has_value());
  const auto der = sign({pki::Profile::gm_t_0010, *octets, *octets, false}, like);
  if (!der) return;
  const auto message = pki::parse_signed_data(*der);
  HEQI_CHECK(!message || !pki::verify_encapsulated(*message, {}, algorithms()));
}

void look(ByteView der) {
  const auto message = pki::parse_signed_data(der);
  if (!message) return;
  for (std::size_t i = 0; i < message->signers.size(); ++i)
    static_cast<void>(pki::verify_signed_data(*message, ByteView(), {i, {}}, algorithms()));
  static_cast<void>(pki::verify_encapsulated(*message, {}, algorithms()));
  static_cast<void>(pki::check_certificates(*message, {}, algorithms()));
  for (const Bytes& crl : message->crls) static_cast<void>(pki::parse_crl(crl));
  const auto stamped = pki::add_unsigned_attribute(der, pki::time_stamp_attribute(Bytes{5, 0}));
  if (stamped) HEQI_CHECK(pki::parse_signed_data(*stamped).has_value());
  sign_anew(*message);
  pass_off(der, *message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  look(input);
  if (const auto prefix = pki::der_prefix_of(input)) look(*prefix);
  if (const auto padded = pki::read_padded(input); padded && padded->was_indefinite)
    look(padded->der);
  return 0;
}
