#include "seeds.h"

#include <heqi/base/file_store.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/testing/foreign_suites.h>

namespace heqi::documents::verify {
namespace {

using std::chrono::minutes;

// with_slices has a field for each party that shows its picture in three slices.
Bytes with_slices(const Bytes& file, std::size_t parties) {
  std::vector<pdf::FieldRequest> fields;
  for (std::size_t i = 0; i < parties; ++i) {
    const double top = 10 + 30 * static_cast<double>(i);
    pdf::FieldRequest field{"party" + std::to_string(i + 1), "", {0, 10, top, 20, 25}};
    field.slices = {{0, 40, top, 20, 25}, {0, 70, top, 20, 25}};
    fields.push_back(std::move(field));
  }
  return must(pdf::prepare_fields(file, fields));
}

// Maker signs and writes down what it signed.
class Maker {
 public:
  Maker(std::string name, const testing::Suite& suite, const Bytes& file, std::size_t parties) {
    seed_.name = std::move(name) + " " + std::string(suite.name());
    seed_.desk = std::make_shared<SigningDesk>(7, suite);
    const auto present = must(pdf::get_form(must(pdf::Document::parse(file))));
    in_slices_ = present.find("party1") != nullptr;
    keep(in_slices_ ? file : SigningDesk::with_fields(file, parties));
  }

  Maker& sign(pdf::Certification certification = pdf::Certification::none,
              pki::Profile profile = pki::Profile::international) {
    const std::string number = std::to_string(seed_.signatures.size() + 1);
    const Credential person = seed_.desk->authority.make_person("Party " + number);
    people_.push_back(person);
    time_ += minutes(1);
    pdf::SignatureRequest request = SigningDesk::request("party" + number, time_);
    request.certification = certification;
    if (in_slices_) {
      request.appearance->fit = pdf::Fit::exact;
      request.appearance->width = 60 * 72 / 25.4, request.appearance->height = 25 * 72 / 25.4;
    }
    if (profile == pki::Profile::gm_t_0010) request.sub_filter = "adbe.pkcs7.detached";
    const pdf::Prepared prepared = must(pdf::prepare_signature(seed_.file, request));
    Bytes cms =
        seed_.desk->authority.sign_message(person, prepared.content_to_sign(), time_, profile);
    const Bytes token = seed_.desk->authority.make_time_stamp(
        must(pki::parse_signed_data(cms)).signers[0].signature, time_);
    cms = must(pki::add_unsigned_attribute(cms, pki::time_stamp_attribute(token)));
    return finish(prepared, cms);
  }

  // seal lets the next party use a seal.
  Maker& seal() {
    const std::string number = std::to_string(seed_.signatures.size() + 1);
    Authority& authority = seed_.desk->authority;
    const Credential person = authority.make_person("Party " + number);
    const Credential maker = authority.make_person("Seal Maker");
    people_.insert(people_.end(), {person, maker});
    time_ += minutes(1);
    pdf::SignatureRequest request = SigningDesk::request("party" + number, time_);
    request.filter = "Gomain.GMPkiLite", request.sub_filter = "GM.sm2seal";
    const pdf::Prepared prepared = must(pdf::prepare_signature(seed_.file, request));
    const seal::ExtensionData above = seal::make_certificate_values(authority.chain());
    seal::SealRequest wish;
    wish.info.vendor = "Heqi", wish.info.id = number, wish.info.name = "合契科技有限公司";
    wish.info.created = wish.info.valid_from = kSignedAt - minutes(1);
    wish.info.valid_until = kSignedAt + minutes(60 * 24);
    wish.info.picture = {"PNG", one_pixel(), 40, 40};
    wish.info.extensions = {above};
    wish.signers = {person.certificate};
    const crypto::Digest digest = crypto::sm3(prepared.content_to_sign());
    const Bytes to_sign =
        must(seal::encode_to_sign({must(seal::make_seal(wish, maker.certificate, *maker.signer)),
                                   time_,
                                   Bytes(digest.begin(), digest.end()),
                                   "PDF /ByteRange",
                                   {above}}));
    const Bytes value = must(person.signer->sign(to_sign));
    return finish(prepared, must(seal::assemble_sealed_signature(
                                to_sign, person.certificate, person.signer->algorithm(), value,
                                authority.make_time_stamp(value, time_))));
  }

  Maker& add_data() {
    time_ += minutes(1);
    keep(seed_.desk->add_data(seed_.file, people_, time_));
    return *this;
  }

  Maker& stamp() {
    time_ += minutes(1);
    pdf::TimeStampRequest request;
    request.field = "stamp" + std::to_string(seed_.saved.size());
    const pdf::Prepared prepared = must(pdf::prepare_document_time_stamp(seed_.file, request));
    return finish(prepared,
                  seed_.desk->authority.make_time_stamp(prepared.content_to_sign(), time_));
  }

  Seed take() { return std::move(seed_); }

 private:
  Maker& finish(const pdf::Prepared& prepared, const Bytes& message) {
    const auto range = prepared.byte_range();
    seed_.signatures.push_back({range[1], range[2], range[2] + range[3]});
    keep(must(pdf::finish_signature(prepared, message)));
    return *this;
  }
  void keep(Bytes file) {
    seed_.file = std::move(file);
    seed_.saved.push_back(seed_.file.size());
  }

  Seed seed_;
  bool in_slices_ = false;
  std::vector<Credential> people_;
  base::Time time_ = kSignedAt;
};

pdf::PdfText form_page() {
  pdf::PdfText page = pdf::PdfText::one_page();
  page.objects[1] = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> >>";
  page.objects[3].insert(3, "/Annots [7 0 R] ");
  page.objects[7] =
      "<< /Type /Annot /Subtype /Widget /FT /Tx /T (rent) /V (5000) /Rect [300 300 390 330] /P 3 0 "
      "R >>";
  return page;
}

pdf::PdfText turned_page() {
  pdf::PdfText page = pdf::PdfText::one_page();
  page.objects[3].insert(3, "/Rotate 90 /CropBox [20 30 500 800] ");
  return page;
}

}  // namespace

std::uint64_t Seed::signed_end() const {
  std::uint64_t end = 0;
  for (const Covered& one : signatures) end = std::max(end, one.end);
  return end;
}

bool Seed::is_signed(std::uint64_t at) const {
  return std::any_of(signatures.begin(), signatures.end(),
                     [&](const Covered& one) { return one.has(at); });
}

bool Seed::in_last_gap(std::uint64_t at) const {
  return at < signed_end() && !is_signed(at);
}

std::vector<Seed> make_seeds() {
  const testing::Suite &sm2 = testing::sm2_suite(), &rsa = testing::rsa_suite(),
                       &ecdsa = testing::ecdsa_suite();
  const std::vector<Bytes> plain = seed_files();
  const Bytes form = base::to_bytes(form_page().with_table());
  const Bytes turned = base::to_bytes(turned_page().with_stream());
  const Bytes lease = must(base::read_file(HEQI_EXAMPLES "/lease.pdf", 1 << 20));
  std::vector<Seed> out;
  out.push_back(Maker("table", sm2, plain[0], 2).sign().sign().add_data().stamp().take());
  out.push_back(Maker("stream", sm2, plain[1], 2).sign().sign().add_data().stamp().take());
  out.push_back(Maker("object stream", sm2, plain[2], 2).sign().sign().add_data().stamp().take());
  out.push_back(Maker("sealed", sm2, plain[0], 2).seal().sign().add_data().stamp().take());
  out.push_back(Maker("sealed last", sm2, plain[1], 1).seal().take());
  out.push_back(Maker("table", rsa, plain[0], 2).sign().sign().add_data().stamp().take());
  out.push_back(Maker("object stream", ecdsa, plain[2], 2).sign().sign().add_data().stamp().take());
  out.push_back(Maker("one party", sm2, plain[1], 1).sign().take());
  out.push_back(Maker("five parties", sm2, plain[0], 5).sign().sign().sign().sign().sign().take());
  out.push_back(Maker("certified", rsa, form, 2)
                    .sign(pdf::Certification::form_filling)
                    .sign()
                    .add_data()
                    .stamp()
                    .take());
  out.push_back(Maker("certified for good", sm2, form, 1)
                    .sign(pdf::Certification::no_changes)
                    .add_data()
                    .stamp()
                    .take());
  out.push_back(Maker("turned", ecdsa, turned, 3).sign().sign().sign().take());
  out.push_back(Maker("slices", sm2, with_slices(plain[0], 2), 2).sign().sign().add_data().take());
  out.push_back(Maker("slices", rsa, with_slices(plain[2], 3), 3).sign().sign().take());
  out.push_back(Maker("GM/T 0010", sm2, form, 2)
                    .sign(pdf::Certification::none, pki::Profile::gm_t_0010)
                    .sign(pdf::Certification::none, pki::Profile::gm_t_0010)
                    .stamp()
                    .take());
  out.push_back(Maker("lease", sm2, lease, 2).sign().sign().add_data().stamp().take());
  return out;
}

}  // namespace heqi::documents::verify
