#include "seal_world.h"

#include <heqi/documents/seal/value.h>

namespace heqi::documents::seal {
namespace {

const Bytes kData = base::to_bytes("a Signature.xml");

// shows-part: ZSA37-7.4-c (the picture is made in documents/drawing)
TEST(Seal, IsReadAsItWasMade) {
  SealWorld world;
  const Seal seal = must(parse_seal(world.make()));
  EXPECT_EQ(seal.layout, Layout::v4);
  EXPECT_EQ(seal.info.name, "合契科技有限公司");
  EXPECT_EQ(seal.info.id, "11010800000001");
  EXPECT_EQ(seal.info.picture.data, one_pixel());
  EXPECT_EQ(seal.info.valid_until, at("2027-01-02T00:00:00Z"));
  EXPECT_TRUE(lists(seal.info.signers, world.alice.certificate));
  EXPECT_FALSE(lists(seal.info.signers, world.mallory.certificate));
  EXPECT_TRUE(seal.deviations.empty());
  EXPECT_TRUE(
      verify_seal(seal, world.check(), {x509::Sm2SignatureVerifier{}, pki::Sm3Digester{}}).holds());
}

TEST(Seal, NamesItsSignersByDigestWhereItIsAskedTo) {
  SealWorld world;
  SealRequest wish = world.request();
  const crypto::Digest digest = world.alice.certificate.fingerprint();
  wish.signers.clear();
  wish.info.signers.digests = {{"SM3", Bytes(digest.begin(), digest.end())}};
  const Seal seal = must(parse_seal(world.make(wish)));
  EXPECT_TRUE(lists(seal.info.signers, world.alice.certificate));
  EXPECT_FALSE(lists(seal.info.signers, world.mallory.certificate));
}

TEST(Seal, IsNotMadeFromAnythingIncomplete) {
  SealWorld world;
  const std::vector<std::function<void(SealRequest&)>> faults = {
      [](SealRequest& wish) { wish.info.id.clear(); },
      [](SealRequest& wish) { wish.info.id = "印章"; },
      [](SealRequest& wish) { wish.info.vendor = "合契"; },
      [](SealRequest& wish) { wish.info.name.clear(); },
      [](SealRequest& wish) { wish.info.name = "\xff"; },
      [](SealRequest& wish) { wish.signers.clear(); },
      [](SealRequest& wish) {
        wish.info.signers.digests = {{"SM3", Bytes(32)}};
      },
      [](SealRequest& wish) { wish.info.valid_until = wish.info.valid_from - base::Duration(1); },
      [](SealRequest& wish) { wish.info.picture.width_mm = 0; },
      [](SealRequest& wish) { wish.info.picture.height_mm = kSealSideMaxMm + 1; },
      [](SealRequest& wish) { wish.info.picture.data.clear(); },
      [](SealRequest& wish) { wish.info.picture.data.pop_back(); },
      [](SealRequest& wish) { wish.info.picture.data[50] ^= 1; },
  };
  for (std::size_t i = 0; i < faults.size(); ++i) {
    SCOPED_TRACE(i);
    SealRequest wish = world.request();
    faults[i](wish);
    EXPECT_ERROR(encode_seal_info(wish), Code::malformed);
  }
  SealRequest wish = world.request();
  wish.info.picture.type = "tiff";
  EXPECT_ERROR(encode_seal_info(wish), Code::unsupported);
}

// shows: ZSA37-7.4-0
TEST(Seal, CanBeUsedByItsSignersWhileItIsInForce) {
  SealWorld world;
  const Seal seal = must(parse_seal(world.make()));
  EXPECT_OK(check_usable(seal, world.alice.certificate, kSealedAt));
  EXPECT_ERROR(check_usable(seal, world.mallory.certificate, kSealedAt), Code::seal_unusable);
  EXPECT_ERROR(check_usable(seal, world.alice.certificate, at("2026-01-01T23:59:59Z")),
               Code::seal_unusable);
  EXPECT_ERROR(check_usable(seal, world.alice.certificate, at("2027-01-02T00:00:01Z")),
               Code::seal_unusable);
}

struct Read {
  std::string name;
  Foreign foreign;
  std::optional<Deviation> noted;
};

std::vector<Read> foreign_seals() {
  using Extensions = Foreign::Extensions;
  const auto raw = [](const Bytes& der) {
    return x509::encode_raw_signature(must(x509::parse_signature(der)));
  };
  const auto padded = [raw](const Bytes& der) {
    const Bytes bare = raw(der);
    asn1::Writer out;
    out.sequence([&](asn1::Writer& pair) {
      for (std::size_t half = 0; half < 2; ++half) {
        Bytes number(3, 0);
        base::append(number, ByteView(bare).subspan(half * 32, 32));
        pair.element(asn1::kInteger, number);
      }
    });
    return out.take();
  };
  const auto zero_first = [raw](const Bytes& der) { return base::concat({Bytes{0}, raw(der)}); };
  using Time = std::function<void(asn1::Writer&)>;
  const Time iso = [](asn1::Writer& fields) {
    fields.bit_string(base::bytes_of("2026-06-01T20:00:00.000"));
  };
  const Time der_time = [](asn1::Writer& fields) {
    asn1::Writer inner;
    inner.time(kSealedAt);
    fields.bit_string(inner.bytes());
  };
  const Time bare_time = [](asn1::Writer& fields) { fields.time(kSealedAt); };
  const Time token = [](asn1::Writer& fields) { fields.bit_string(testing::hex("3003020101")); };
  return {
      {"plain", {}, std::nullopt},
      {"v5", {.layout = Layout::v5}, std::nullopt},
      {"v1", {.layout = Layout::v1}, Deviation::time_as_text},
      {"v1 ISO time", {.layout = Layout::v1, .time = iso}, Deviation::time_as_text},
      {"v1 time in bits", {.layout = Layout::v1, .time = der_time}, std::nullopt},
      {"v1 time bare", {.layout = Layout::v1, .time = bare_time}, std::nullopt},
      {"v1 token", {.layout = Layout::v1, .time = token}, Deviation::time_stamp_in_time},
      {"extensions", {.extensions = Extensions::untagged}, std::nullopt},
      {"explicit",
       {.extensions = Extensions::explicit_tag},
       Deviation::extensions_tagged_explicitly},
      {"implicit",
       {.extensions = Extensions::implicit_tag},
       Deviation::extensions_tagged_implicitly},
      {"FALSE", {.extensions = Extensions::written_false}, Deviation::critical_false_written},
      {"octets", {.octets_for_bits = true}, Deviation::octets_for_bits},
      {"octets v1", {.layout = Layout::v1, .octets_for_bits = true}, Deviation::octets_for_bits},
      {"times", {.other_times = true}, Deviation::time_of_other_type},
      {"times v1", {.layout = Layout::v1, .other_times = true}, Deviation::time_of_other_type},
      {"wide", {.wide = true}, Deviation::seal_signature_wide},
      {"narrow", {.layout = Layout::v1, .wide = true}, Deviation::seal_signature_narrow},
      {"texts", {.utf8_texts = true}, Deviation::text_of_other_type},
      {"bare value", {.value = raw}, Deviation::value_bare},
      {"bare value with a zero", {.value = zero_first}, Deviation::value_padded},
      {"padded value", {.value = padded}, Deviation::value_padded},
      {"sm2sign", {.algorithm = x509::oids::sm2_sign()}, std::nullopt},
      {"curve", {.algorithm = x509::oids::sm2_curve()}, Deviation::algorithm_named_otherwise},
  };
}

// shows-part: ECP-DOC-6 (what is signed with them: documents/ofd; PDF)
TEST(Seal, OfOtherMakersIsReadWithEachDeviationNamed) {
  SealWorld world;
  for (const Read& one : foreign_seals()) {
    SCOPED_TRACE(one.name);
    const Bytes seal = one.foreign.seal(world.request(), world.maker);
    const Bytes sealed = one.foreign.sealed(seal, kData, world.alice);
    const SealJudgement judgement = world.judge(sealed, kData);
    EXPECT_TRUE(judgement.holds()) << words(judgement);
    if (one.noted)
      EXPECT_TRUE(judgement.deviations.has(*one.noted));
    else
      EXPECT_TRUE(judgement.deviations.empty() || one.foreign.layout == Layout::v1);
    EXPECT_FALSE(world.judge(sealed, base::to_bytes("other data")).holds());
  }
}

TEST(Seal, OfAnUnknownLayoutIsNotGuessedAt) {
  SealWorld world;
  const Foreign fork{.certificate_inside = true};
  EXPECT_ERROR(parse_seal(fork.seal(world.request(), world.maker)), Code::unsupported);
  const Bytes seal = world.make();
  asn1::Writer three;
  three.sequence([](asn1::Writer& w) { w.integer(1).integer(2).integer(3); });
  EXPECT_ERROR(parse_seal(three.bytes()), Code::unsupported);
  asn1::Writer six;
  six.sequence([](asn1::Writer& w) { w.null().null().null().null().null().null(); });
  EXPECT_ERROR(parse_seal(six.bytes()), Code::unsupported);
}

// shows: ZSA37-7.4-b
TEST(Seal, WithAForgedHeaderIsRefused) {
  SealWorld world;
  for (const char* mark : {"", "es", "ESS", "EZ"}) {
    const Foreign forged{.mark = mark};
    EXPECT_ERROR(parse_seal(forged.seal(world.request(), world.maker)), Code::malformed);
  }
  for (const Foreign& forged :
       {Foreign{.version = 1}, Foreign{.version = 6}, Foreign{.layout = Layout::v1, .version = 4},
        Foreign{.layout = Layout::v1, .version = 5}}) {
    const Bytes seal = forged.seal(world.request(), world.maker);
    const SealJudgement judgement = world.judge(forged.sealed(seal, kData, world.alice), kData);
    EXPECT_EQ(judgement.at(Step::versions).outcome, Outcome::failed) << words(judgement);
  }
  const Foreign first{.layout = Layout::v1}, fourth;
  const Bytes mixed = fourth.sealed(first.seal(world.request(), world.maker), kData, world.alice);
  EXPECT_EQ(world.judge(mixed, kData).at(Step::versions).outcome, Outcome::failed);
}

TEST(Seal, CutOrLengthenedIsNotRead) {
  SealWorld world;
  const Bytes seal = world.make(), sealed = world.sealed(kData);
  for (std::size_t size = 0; size < sealed.size(); size += 7)
    EXPECT_FALSE(parse_sealed_signature(ByteView(sealed).first(size)).has_value()) << size;
  EXPECT_ERROR(parse_seal(base::concat({seal, Bytes{0, 0, 1}})), Code::malformed);
  EXPECT_ERROR(parse_sealed_signature(base::concat({sealed, sealed})), Code::malformed);
  EXPECT_TRUE(
      must(parse_seal(base::concat({seal, Bytes(3)}))).deviations.has(Deviation::trailing_zeros));
  EXPECT_ERROR(parse_seal(Bytes(kSealSizeMax + 1)), Code::limit_exceeded);
}

TEST(SignatureValue, ThatIsNoneIsRefused) {
  for (const char* text :
       {"", "00", "3000", "30060201000201", "3006020101020101 00", "30 06 020180 02017f",
        "3046022100ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "022100ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    const Bytes octets = testing::hex(text);
    if (octets.size() == 8 && octets[4] == 0x80) continue;  // read as 128: padded
    EXPECT_ERROR(read_sm2_value(octets), Code::invalid_signature) << text;
  }
  EXPECT_ERROR(read_sm2_value(Bytes(64)), Code::invalid_signature);
  EXPECT_ERROR(read_sm2_value(Bytes(64, 0xFF)), Code::invalid_signature);
  EXPECT_ERROR(read_sm2_value(Bytes(63, 1)), Code::invalid_signature);
  EXPECT_ERROR(read_sm2_value(Bytes(65, 1)), Code::invalid_signature);
  EXPECT_ERROR(read_sm2_value(Bytes(66, 0)), Code::invalid_signature);
}

TEST(SealPicture, ThatCannotBeShownIsFound) {
  const Picture good{"PNG", one_pixel(), 10, 10};
  EXPECT_OK(check_picture(good));
  for (std::size_t at = 0; at < good.data.size(); ++at) {
    Picture bad = good;
    bad.data[at] ^= 0x10;
    EXPECT_FALSE(check_picture(bad).has_value()) << at;
  }
  EXPECT_ERROR(check_picture({"BMP", one_pixel(), 10, 10}), Code::malformed);
  EXPECT_ERROR(check_picture({"jpg", one_pixel(), 10, 10}), Code::malformed);
  EXPECT_ERROR(check_picture({"ofd", one_pixel(), 10, 10}), Code::malformed);
  EXPECT_ERROR(check_picture({"svg", one_pixel(), 10, 10}), Code::unsupported);
  EXPECT_ERROR(check_picture({"PNG", {}, 10, 10}), Code::malformed);
  EXPECT_ERROR(check_picture({"PNG", Bytes(kPictureSizeMax + 1), 10, 10}), Code::limit_exceeded);
}

}  // namespace
}  // namespace heqi::documents::seal
