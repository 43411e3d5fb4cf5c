// Certificate revocation lists, full and delta: what is read is written anew, signed by an
// authority of the target's own and by somebody else, and applied to each other.
// uses: heqi_pki heqi_testing_pki
// covers: src/pki/crl.cc src/pki/crl_delta.cc
#include <heqi/pki/crl.h>
#include <heqi/testing/authority.h>

namespace {

using namespace heqi;

struct Parties {
  testing::Authority authority{1};
  testing::Credential stranger = authority.make_person("Stranger");
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

// write_anew signs what body says in the name of the issuing CA.
base::Bytes write_anew(pki::CrlBody body, const testing::Credential& signer) {
  body.issuer = signer.certificate.subject();
  body.freshest_urls.clear();  // read as they are, written in ASCII only
  const auto der = pki::make_crl(body, *signer.signer);
  HEQI_CHECK(der.has_value());
  return *der;
}

void check_signer(const pki::Crl& crl) {
  const testing::Credential& issuing = parties().authority.issuing();
  const auto own = pki::parse_crl(write_anew(crl.body, issuing));
  HEQI_CHECK(own && own->body.revoked.size() == crl.body.revoked.size());
  const bool names_it =
      crl.body.authority_key_identifier.empty() ||
      crl.body.authority_key_identifier == issuing.certificate.subject_key_identifier();
  HEQI_CHECK(pki::verify_crl(*own, issuing.certificate, algorithms()).has_value() == names_it);
  HEQI_CHECK(!pki::verify_crl(*own, parties().stranger.certificate, algorithms()));
  const auto foreign = pki::parse_crl(write_anew(crl.body, parties().stranger));
  HEQI_CHECK(foreign && !pki::verify_crl(*foreign, parties().stranger.certificate, algorithms()));
}

// check_delta takes the list as what changed since the list that it is itself.
void check_delta(const pki::Crl& full) {
  pki::CrlBody changes = full.body;
  if (changes.number.empty()) return;
  changes.base_number = changes.number;
  const auto delta = pki::parse_delta_crl(write_anew(changes, parties().authority.issuing()));
  const auto base = pki::parse_crl(write_anew(full.body, parties().authority.issuing()));
  HEQI_CHECK(delta && base && !pki::parse_crl(delta->der));
  HEQI_CHECK(!pki::apply_delta(*delta, *base));
  const auto together = pki::apply_delta(*base, *delta);
  HEQI_CHECK(together && together->body.revoked.size() <= full.body.revoked.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  const auto delta = pki::parse_delta_crl(input);
  if (delta) HEQI_CHECK(!delta->body.base_number.empty() && !pki::parse_crl(input));
  const auto crl = pki::parse_crl(input);
  if (!crl) return 0;
  HEQI_CHECK(!pki::apply_delta(*crl, *crl));
  for (const pki::RevokedEntry& entry : crl->body.revoked) {
    HEQI_CHECK(pki::find_revoked(*crl, entry.serial) != nullptr);
    if (entry.reason) HEQI_CHECK(!pki::name_of(*entry.reason).empty());
  }
  static_cast<void>(pki::encode_crl_body(crl->body, crl->signature_algorithm));
  check_signer(*crl);
  check_delta(*crl);
  return 0;
}
