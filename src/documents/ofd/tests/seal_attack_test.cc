// Attacks with seals, times and values, in whole files.
#include "zip_forger.h"

#include <heqi/documents/seal/value.h>

namespace heqi::documents::ofd {
namespace {

using seal::Foreign;

// with_value signs what was prepared, and lets how change the sealed signature.
Bytes with_value(const Prepared& prepared, const Bytes& value) {
  return with(prepared.package, {{prepared.value_part, value}});
}

class SealAttack : public ::testing::Test {
 protected:
  Prepared prepared(const SignatureRequest& request) {
    return must(prepare_signature(contract(), request));
  }
  Bytes sealed_with(const seal::SealRequest& wish, const Credential& maker, const Credential& who,
                    base::Time time = kSealedAt, bool stamp = true) {
    SignatureRequest request = desk.sealing(desk.alice, {.time = time});
    request.seal = must(seal::make_seal(wish, maker.certificate, *maker.signer));
    request.signer = who.certificate;
    return desk.perform(contract(), request, who, {.time_stamp = stamp, .time = time});
  }
  // borrowed seals with a seal that is not the signer's: prepare_signature would refuse, so the
  // insider puts his own TBS_Sign together.
  Bytes borrowed() {
    const Prepared good = prepared(desk.sealing(desk.alice));
    const seal::SealedSignature parsed =
        must(seal::parse_sealed_signature(must(seal::assemble_sealed_signature(
            good.to_sign, desk.alice.certificate, desk.alice.signer->algorithm(),
            must(desk.alice.signer->sign(good.to_sign))))));
    return with_value(good, desk.sign(parsed.to_sign, desk.mallory));
  }
  // changed_value writes the signature value of a good file another way.
  Bytes changed_value(const std::function<Bytes(const Bytes&)>& how) {
    const Prepared good = prepared(desk.sealing(desk.alice));
    const Bytes value = how(must(desk.alice.signer->sign(good.to_sign)));
    asn1::Writer out;
    out.sequence([&](asn1::Writer& members) {
      members.raw(good.to_sign).octet_string(desk.alice.certificate.der());
      members.oid(x509::oids::sm2_with_sm3()).bit_string(value);
    });
    return with_value(good, out.take());
  }

  SealingDesk desk;
};

TEST_F(SealAttack, IsNeverValid) {
  const seal::SealRequest plain = desk.request();
  seal::SealRequest ended = plain, swapped = plain, mallorys = plain;
  ended.info.valid_until = at("2026-06-01T11:00:00Z");
  swapped.info.name = "合契科技无限公司";
  mallorys.signers = {desk.mallory.certificate};
  const seal::SealWorld strange(77);
  const auto other_signature = [&](const Bytes&) {
    return must(desk.mallory.signer->sign(base::bytes_of("other")));
  };
  const std::vector<Attack> attacks = {
      {"a borrowed seal", [&] { return borrowed(); }, Reason::seal_not_the_signers},
      {"a seal that its user made himself",
       [&] { return sealed_with(plain, strange.mallory, desk.alice); },
       Reason::seal_maker_untrusted},
      {"a seal exchanged in the value",
       [&] {
         const Bytes file = desk.sealed(contract());
         const Package package = must(Package::open(file));
         Bytes value = base::to_bytes(must(package.read("Doc_0/Signs/Sign_0/SignedValue.dat")));
         const Bytes name = base::to_bytes("有限公司");
         const auto place = std::search(value.begin(), value.end(), name.begin(), name.end());
         HEQI_CHECK(place != value.end());
         const Bytes to = base::to_bytes("无限公司");
         std::copy(to.begin(), to.end(), place);
         return with(file, {{"Doc_0/Signs/Sign_0/SignedValue.dat", value}});
       },
       Reason::signature_bad},
      {"the value of somebody else's signature", [&] { return changed_value(other_signature); },
       Reason::signature_bad},
      {"a value of zeros", [&] { return changed_value([](const Bytes&) { return Bytes(64); }); },
       Reason::signature_bad},
      {"a bare value of something else",
       [&] {
         return changed_value([&](const Bytes& der) {
           return x509::encode_raw_signature(must(x509::parse_signature(other_signature(der))));
         });
       },
       Reason::signature_bad},
      {"a padded value cut at the wrong end",
       [&] {
         return changed_value([&](const Bytes& der) {
           Bytes raw = x509::encode_raw_signature(must(x509::parse_signature(der)));
           raw.push_back(0);
           return raw;
         });
       },
       Reason::signature_bad},
      {"r and s exchanged",
       [&] {
         return changed_value([&](const Bytes& der) {
           const Bytes raw = x509::encode_raw_signature(must(x509::parse_signature(der)));
           return base::concat({ByteView(raw).subspan(32), ByteView(raw).first(32)});
         });
       },
       Reason::signature_bad},
      {"a message in the place of a seal",
       [&] {
         const Prepared good = prepared(desk.sealing(desk.alice));
         return with_value(
             good, desk.authority.sign_message(desk.alice, base::bytes_of("other"), kSealedAt));
       },
       Reason::signature_bad},
  };
  expect_caught(attacks, desk.options());
}

TEST_F(SealAttack, WithASealOutOfItsTimeIsNotValid) {
  seal::SealRequest wish = desk.request();
  const base::Time now = at("2027-06-01T00:00:00Z");
  const Bytes good = sealed_with(wish, desk.maker, desk.alice);
  EXPECT_EQ(must(verify_ofd(good, desk.options(now))).verdict, Verdict::valid);
  const Bytes claimed = sealed_with(wish, desk.maker, desk.alice, kSealedAt, false);
  const Report later = must(verify_ofd(claimed, desk.options(now)));
  EXPECT_EQ(later.verdict, Verdict::indeterminate) << words(later);
  EXPECT_TRUE(has(later, Reason::seal_period_unproved));

  Prepared prepared = must(prepare_signature(contract(), desk.sealing(desk.alice)));
  const Foreign foreign;
  wish.info.valid_until = kSealedAt - std::chrono::hours(1);
  const Bytes ended = foreign.seal(wish, desk.maker);
  const Bytes file =
      with_value(prepared, foreign.sealed(ended, prepared.signature_xml, desk.alice));
  const Report report = desk.verify(file);
  EXPECT_EQ(report.verdict, Verdict::invalid) << words(report);
  EXPECT_TRUE(has(report, Reason::seal_not_in_force));
}

TEST_F(SealAttack, WithAForgedHeaderIsNotValid) {
  const Prepared prepared = must(prepare_signature(contract(), desk.sealing(desk.alice)));
  const auto made = [&](const Foreign& foreign) {
    const Bytes own = foreign.seal(desk.request(), desk.maker);
    return with(with_value(prepared, foreign.sealed(own, prepared.signature_xml, desk.alice)),
                {{"Doc_0/Signs/Sign_0/Seal.esl", own}});
  };
  expect_caught(
      {{"version 1", [&] { return made({.version = 1}); }, Reason::seal_version_forged},
       {"version 6", [&] { return made({.version = 6}); }, Reason::seal_version_forged},
       {"version 4 in a seal of version 1",
        [&] { return made({.layout = seal::Layout::v1, .version = 4}); },
        Reason::seal_version_forged},
       {"another mark", [&] { return made({.mark = "SE"}); }, Reason::signature_part_malformed},
       {"a fork of the layout", [&] { return made({.certificate_inside = true}); },
        Reason::message_unsupported}},
      desk.options());
}

TEST_F(SealAttack, WithARevokedSignerOrAWithdrawnSealIsNotValid) {
  const Bytes file = desk.sealed(contract());
  VerifyOptions options = desk.options();
  options.seal_status = {must(seal::parse_status_list(must(seal::make_status_list(
      kSealedAt, kNow, {{"11010800000001", kSealedAt - std::chrono::hours(1)}},
      desk.maker.certificate, *desk.maker.signer))))};
  expect_caught({{"withdrawn", [&] { return file; }, Reason::seal_withdrawn}}, options);

  desk.authority.revoke(desk.alice.certificate, kSealedAt - std::chrono::hours(1));
  options = desk.options();
  options.crls = {must(pki::parse_crl(desk.authority.make_crl(kNow)))};
  expect_caught({{"revoked", [&] { return file; }, Reason::certificate_revoked}}, options);
  const Bytes personal = desk.signed_by(contract(), desk.alice);
  expect_caught({{"revoked", [&] { return personal; }, Reason::certificate_revoked}}, options);
  desk.authority.revoke(desk.maker.certificate, kSealedAt - std::chrono::hours(1));
  options.crls = {must(pki::parse_crl(desk.authority.make_crl(kNow)))};
  expect_caught({{"maker", [&] { return file; }, Reason::seal_maker_bad}}, options);
}

TEST_F(SealAttack, WithAFalseTimeIsNotValid) {
  const auto stamped = [&](const SignatureRequest& request, ByteView over, base::Time time) {
    const Prepared good = must(prepare_signature(contract(), request));
    const Bytes value = must(desk.alice.signer->sign(good.to_sign));
    const Bytes token = desk.authority.make_time_stamp(over.empty() ? ByteView(value) : over, time);
    return must(finish_signature(good, desk.alice.signer->algorithm(), value, token));
  };
  for (const SignatureRequest& request : {desk.sealing(desk.alice), desk.signing(desk.alice)}) {
    const bool seals = request.type == SignatureType::seal;
    expect_caught({{"a token of another value",
                    [&] { return stamped(request, base::bytes_of("other"), kSealedAt); },
                    Reason::time_stamp_bad},
                   {"a token of an earlier time",
                    [&] { return stamped(request, {}, kSealedAt - std::chrono::hours(2)); },
                    seals ? Reason::time_stamp_bad : Reason::time_inconsistent},
                   {"a token of the future",
                    [&] { return stamped(request, {}, kNow + std::chrono::hours(2)); },
                    seals ? Reason::time_stamp_bad : Reason::time_inconsistent}},
                  desk.options());
  }
  const Signing later{.time_stamp = false, .time = kNow + std::chrono::hours(3)};
  for (const Bytes& file :
       {desk.sealed(contract(), later), desk.signed_by(contract(), desk.alice, later)}) {
    const Report report = desk.verify(file);
    EXPECT_EQ(report.verdict, Verdict::indeterminate) << words(report);
    EXPECT_TRUE(has(report, Reason::time_inconsistent));
  }
}

// shows-part: ECP-DOC-6 (PDF)
TEST_F(SealAttack, FilesOfOtherMakersAreReadWithTheirDeviationsNoted) {
  const Prepared prepared = must(prepare_signature(contract(), desk.sealing(desk.alice)));
  const auto raw = [](const Bytes& der) {
    return x509::encode_raw_signature(must(x509::parse_signature(der)));
  };
  const std::vector<Foreign> makers = {
      {.layout = seal::Layout::v1},
      {.layout = seal::Layout::v5},
      {.extensions = Foreign::Extensions::written_false},
      {.octets_for_bits = true},
      {.value = raw},
  };
  VerifyOptions options = desk.options();
  options.intermediates = desk.authority.chain();
  for (std::size_t i = 0; i < makers.size(); ++i) {
    SCOPED_TRACE(i);
    const Bytes own = makers[i].seal(desk.request(), desk.maker);
    const auto value = [&](ByteView xml) { return makers[i].sealed(own, xml, desk.alice); };
    Prepared mine = prepared;
    std::string text(base::text_of(mine.signature_xml));
    const std::size_t at = text.find("<ofd:Reference FileRef=\"/Doc_0/Signs/Sign_0/Seal.esl");
    text.erase(at, text.find("</ofd:Reference>", at) + 16 - at);
    mine.signature_xml = base::to_bytes(text);
    const Bytes file = with(mine.package, {{mine.part, mine.signature_xml},
                                           {mine.value_part, value(mine.signature_xml)},
                                           {"Doc_0/Signs/Sign_0/Seal.esl", own}});
    const Report report = must(verify_ofd(file, options));
    EXPECT_EQ(report.verdict, Verdict::valid_with_notes) << words(report);
    EXPECT_FALSE(report.signatures[0].seal_used->layout.empty());
  }
}

}  // namespace
}  // namespace heqi::documents::ofd
