#include "sign_pdf.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/documents/appearance/seal_box.h>
#include <heqi/documents/appearance/signature_box.h>
#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/seal/seal.h>
#include <heqi/documents/sign/pending.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/oids.h>

#include "complete_pdf.h"
#include "inspection.h"
#include "seam_field.h"

namespace heqi::program {

namespace pdf = documents::pdf;
namespace seal = documents::seal;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kNewField = "Signature";  // and a number
constexpr std::string_view kProfile = "pades", kSealProfile = "gomain";
constexpr pdf::Placement kDefaultBox{0, 20, 20, 60, 25};

// Work is one signature on its way into the new file.
class Work {
 public:
  Work(const PdfWish& wish, SigningKey& key, base::Fetch& fetch, const base::Clock& clock,
       base::Random& random, Progress& progress, GrowingFile file)
      : wish_(wish),
        key_(key),
        fetch_(fetch),
        now_(std::chrono::floor<std::chrono::seconds>(clock.now())),
        stamps_(wish.time_stamp_url, fetch, random, algorithms()),
        progress_(progress),
        file_(std::move(file)) {}

  Result<Signed> run() {
    HEQI_TRY(read_seal());
    progress_.step("inspecting what is signed", "检查待签内容");
    HEQI_TRY(inspect());
    progress_.step("choosing the field", "选择签名域");
    HEQI_TRY(choose_field());
    HEQI_TRY(sign());
    Completion completion{file_, stamps_, stamp_hash(), algorithms(), progress_};
    if (wish_.level >= Level::lt)
      HEQI_TRY(completion.add_validation_data(wish_.trust, fetch_, now_));
    if (wish_.level == Level::lta) HEQI_TRY(completion.add_document_stamp());
    progress_.step("writing to the disk", "写入磁盘");
    HEQI_TRY(const MappedFile whole, file_.map());
    done_.size = whole.octets().size();
    HEQI_TRY(file_.commit());
    return std::move(done_);
  }

 private:
  pki::Algorithms algorithms() const { return {*signatures_, digests_}; }
  asn1::Oid stamp_hash() const {
    return key_.certificate.public_key().is_sm2() ? x509::oids::sm3() : x509::oids::sha256();
  }

  base::Status read_seal() {
    if (wish_.seal.empty()) return {};
    HEQI_TRY(const Bytes octets, base::read_file(wish_.seal, seal::kSealSizeMax));
    HEQI_TRY(seal_, seal::parse_seal(octets));
    return {};
  }

  // inspect refuses what the signer may see otherwise than others do.
  base::Status inspect() {
    HEQI_TRY(const MappedFile map, file_.map());
    HEQI_TRY(const pdf::Document document, pdf::Document::parse(map.octets()));
    return check_whole(document, wish_.despite);
  }

  // new_field is where a field is made; that of a seal is as large as the seal.
  FieldWish new_field() const {
    FieldWish out{done_.field, wish_.box, wish_.seam};
    if (!out.box && !out.seam) out.box = kDefaultBox;
    if (!seal_) return out;
    const auto width = static_cast<double>(seal_->info.picture.width_mm),
               height = static_cast<double>(seal_->info.picture.height_mm);
    if (out.box) out.box->width_mm = width, out.box->height_mm = height;
    if (out.seam) out.seam->width = width, out.seam->height = height;
    return out;
  }

  // choose_field takes the named field, else the first empty one, else makes one.
  base::Status choose_field() {
    HEQI_TRY(const MappedFile map, file_.map());
    HEQI_TRY(const pdf::Document document, pdf::Document::parse(map.octets()));
    HEQI_TRY(const pdf::Form form, pdf::get_form(document));
    done_.field = wish_.field;
    if (done_.field.empty()) {
      for (const pdf::Field& one : form.fields)
        if (done_.field.empty() && one.type == "Sig" && !one.value) done_.field = one.name;
      for (std::size_t i = 1; done_.field.empty(); ++i)
        if (const std::string free = std::string(kNewField) + std::to_string(i); !form.find(free))
          done_.field = free;
    }
    if (form.find(done_.field)) {
      if (wish_.box || wish_.seam)
        return fail(Code::conflict, "the field " + done_.field + " has its place");
      return {};
    }
    if (!wish_.field.empty() && !wish_.box && !wish_.seam)
      return fail(Code::not_found,
                  "no signature field named " + done_.field + "; --box says where to make it");
    HEQI_TRY(const pdf::FieldRequest field, plan_field(document, new_field()));
    HEQI_TRY(const Bytes more, pdf::append_fields(map.octets(), {field}));
    return file_.append(more);
  }

  // seal_look is the seal's picture as it is.
  Result<std::optional<pdf::Appearance>> seal_look() const {
    const seal::Picture& picture = seal_->info.picture;
    if (picture.type != "PNG" && picture.type != "png")
      return fail(Code::unsupported, wish_.seal + ": its picture is a " + picture.type +
                                         "; in a PDF a seal shows as PNG: make it anew with one");
    HEQI_TRY(const auto pixels, documents::drawing::decode_png(picture.data));
    HEQI_TRY(pdf::Appearance drawn,
             documents::appearance::make_seal_box(pixels, static_cast<double>(picture.width_mm),
                                                  static_cast<double>(picture.height_mm)));
    return std::optional(std::move(drawn));
  }

  // appearance draws name and time where the field has a box.
  Result<std::optional<pdf::Appearance>> appearance(ByteView file, const std::string& name) const {
    if (seal_) return seal_look();
    HEQI_TRY(const pdf::Document document, pdf::Document::parse(file));
    HEQI_TRY(const pdf::Form form, pdf::get_form(document));
    const pdf::Field* field = form.find(done_.field);
    if (field == nullptr || field->widgets.size() != 1) return std::optional<pdf::Appearance>();
    HEQI_TRY(const auto slices, pdf::find_slices(document, form, *field));
    if (!slices.empty())
      return fail(Code::malformed, "the field " + done_.field + " shows a seal in slices: --seal");
    HEQI_TRY(const pdf::Object* const widget, document.get(field->widgets[0]));
    const pdf::Dictionary* dictionary = widget->value.dictionary();
    const pdf::Value* box = dictionary ? dictionary->find("Rect") : nullptr;
    if (box == nullptr) return std::optional<pdf::Appearance>();
    HEQI_TRY(const pdf::Rectangle rectangle, pdf::to_rectangle(document, *box));
    if (rectangle.width() < 20 || rectangle.height() < 10) return std::optional<pdf::Appearance>();
    HEQI_TRY(const documents::appearance::Font font, documents::appearance::Font::open());
    documents::appearance::SignatureBox look;
    look.width = rectangle.width(), look.height = rectangle.height();
    look.signer = name;
    look.date = base::to_rfc3339(now_);
    HEQI_TRY(pdf::Appearance drawn, documents::appearance::make_signature_box(font, look));
    return std::optional(std::move(drawn));
  }

  base::Status sign() {
    HEQI_TRY(const MappedFile map, file_.map());
    documents::sign::Wish wish;
    HEQI_TRY(wish.names, names_of_profile(!wish_.profile.empty() ? wish_.profile
                                          : seal_                ? kSealProfile
                                                                 : kProfile));
    if (seal_) wish.seal = seal_->der;
    wish.signer = key_.certificate;
    wish.chain = key_.chain;
    wish.place.field = done_.field;
    wish.place.name = key_.certificate.subject().common_name();
    wish.place.reason = wish_.reason;
    wish.place.location = wish_.location;
    wish.place.time = now_;
    wish.place.certification = wish_.certification;
    HEQI_TRY(wish.place.appearance, appearance(map.octets(), wish.place.name));
    progress_.step("hashing", "计算摘要", map.octets().size());
    HEQI_TRY(const documents::sign::Pending pending,
             documents::sign::prepare(map.octets(), wish, digests_));
    done_.signed_digest = base::to_hex(pending.content_digest);
    done_.digest_algorithm = pending.digest_algorithm.dotted();
    progress_.step("signing", "签名");
    documents::sign::Value value{key_.signer->algorithm(), {}};
    HEQI_TRY(value.octets, key_.signer->sign(pending.to_sign));
    Bytes token;
    if (wish_.level >= Level::t) {
      progress_.step("asking for a time-stamp", "申请时间戳");
      HEQI_TRY(token, stamps_.stamp(pki::Content(value.octets), stamp_hash()));
    }
    HEQI_TRY(const Bytes more, documents::sign::finish(pending, value, token, algorithms()));
    return file_.append(more);
  }

  const PdfWish& wish_;
  SigningKey& key_;
  base::Fetch& fetch_;
  base::Time now_;
  std::unique_ptr<x509::SignatureVerifier> signatures_ = ossl::make_signature_verifier();
  pki::FunctionDigester digests_{ossl::digest, ossl::digest_parts};
  TimeStampClient stamps_;
  Progress& progress_;
  GrowingFile file_;
  std::optional<seal::Seal> seal_;
  Signed done_;
};

base::Status check(const PdfWish& wish) {
  if (wish.level >= Level::t && wish.time_stamp_url.empty())
    return fail(Code::malformed, "level t and above need a time-stamp authority: --tsa URL");
  if (wish.level >= Level::lt && wish.trust.empty())
    return fail(Code::malformed, "level lt and above need the trusted roots: --trust");
  if (wish.seam && wish.seal.empty())
    return fail(Code::malformed, "what goes across the pages' edges is a seal: --seal");
  if (wish.input == wish.output)
    return fail(Code::malformed, wish.output + ": is the file itself; --out names a new one");
  return {};
}

}  // namespace

std::optional<Level> parse_level(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char one) { return static_cast<char>(std::tolower(one)); });
  if (lower == "b") return Level::b;
  if (lower == "t") return Level::t;
  if (lower == "lt") return Level::lt;
  if (lower == "lta") return Level::lta;
  return std::nullopt;
}

Result<pdf::Placement> parse_box(const std::string& text) {
  pdf::Placement box;
  int used = 0;
  const bool sized = std::count(text.begin(), text.end(), ',') == 3;
  const int read =
      sized
          ? std::sscanf(text.c_str(), "%zu:%lf,%lf,%lf,%lf%n", &box.page, &box.left_mm, &box.top_mm,
                        &box.width_mm, &box.height_mm, &used)
          : std::sscanf(text.c_str(), "%zu:%lf,%lf%n", &box.page, &box.left_mm, &box.top_mm, &used);
  if (read != (sized ? 5 : 3) || static_cast<std::size_t>(used) != text.size() || box.page == 0)
    return fail(Code::malformed, "not of the form PAGE:X,Y or PAGE:X,Y,W,H: " + text);
  --box.page;
  return box;
}

Result<pdf::FilterNames> names_of_profile(std::string_view profile) {
  if (profile == "pades") profile = "adobe";
  if (profile == "gm") profile = "adobe-gm";
  if (const pdf::FilterNames* found = pdf::find_filter_names(profile)) return *found;
  std::string known = "pades, gm";
  for (const pdf::FilterNames& one : pdf::filter_names()) known += ", " + std::string(one.reader);
  return fail(Code::not_found, "no profile " + std::string(profile) + "; there are " + known);
}

Result<Signed> sign_pdf(const PdfWish& wish, SigningKey& key, base::Fetch& fetch,
                        const base::Clock& clock, base::Random& random, Progress& progress) {
  HEQI_TRY(check(wish));
  progress.step("copying the file", "复制文件");
  HEQI_TRY(GrowingFile file, GrowingFile::copy_of(wish.input, wish.output));
  return Work(wish, key, fetch, clock, random, progress, std::move(file)).run();
}

}  // namespace heqi::program
