// heqi seal: makes seals, shows what is in them, and lists those that are withdrawn.
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/drawing/seal_picture.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/documents/seal/verify.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "evidence_files.h"
#include "pin_entry.h"
#include "signing_key.h"
#include "software_key.h"
#include "trust_files.h"

namespace heqi::program {

namespace drawing = documents::drawing;
namespace seal = documents::seal;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kFileSizeMax = std::size_t{8} << 20;

constexpr std::array kMakeOptions{
    Option{"--name", "NAME", "the name on the seal; draws it, unless --picture is given",
           "印章名称"},
    Option{"--picture", "FILE.png", "a picture instead; its light ground becomes transparent",
           "印章图片（白底自动透明）"},
    Option{"--shape", "round|oval|square", "default round, with a star", "形状：圆形、椭圆、方形"},
    Option{"--caption", "TEXT", "below the star, such as 合同专用章", "横排文字"},
    Option{"--code", "DIGITS", "on the lower arc", "下弧编码"},
    Option{"--size", "W,H", "millimetres; default 40,40, oval 45,30, square 20,20", "尺寸（毫米）"},
    Option{"--border", "MM", "default 1.2, square 0.8", "边框宽度（毫米）"},
    Option{"--wear", "0…1", "how worn it looks; default 0", "做旧程度"},
    Option{"--font", "FILE", "such as one of seal script; default Noto Serif CJK", "字体文件"},
    Option{"--id", "ESID", "the seal's number, ASCII", "印章编号"},
    Option{"--type", "NUMBER", "the kind of seal, by your own list; default 1", "印章类型"},
    Option{"--signers", "CERTS.pem", "certificates of those who may use it", "签章人证书"},
    Option{"--key", "KEY", "the maker's SM2 key: PEM, PKCS#12, or sdf:library=/…;index=1",
           "制章私钥：PEM、PKCS#12，或 sdf: 开头的密码设备密钥"},
    Option{"--certificate", "CERT.pem", "the maker's certificate and chain", "制章证书及证书链"},
    Option{"--password-file", "FILE", "the password of a PKCS#12 file or of a device's key",
           "PKCS#12 或密码设备私钥的口令文件"},
    Option{"--from", "TIME", "RFC 3339; default now", "生效时间"},
    Option{"--until", "TIME", "RFC 3339; default three years later", "失效时间"},
    Option{"--preview", "FILE.png", "write the picture; without --key this is all", "预览图"},
    Option{"--out", "FILE.esl", "where the seal goes", "输出文件"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};
constexpr Syntax kMake{"heqi seal make",
                       "",
                       0,
                       0,
                       "Makes a seal of GB/T 38540 version 4 from a name or a picture.",
                       "由名称或图片制作 GB/T 38540 印章。",
                       kMakeOptions};

constexpr std::array kInspectOptions{
    Option{"--trust", "DIR_or_FILE", "trusted roots, for the steps about certificates",
           "信任的根证书"},
    kCertificatesOption,
    kCrlOption,
    kOcspOption,
    kStatusOption,
    Option{"--picture", "FILE", "write the seal's picture", "导出印章图像"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};
constexpr Syntax kInspect{
    "heqi seal inspect",
    "FILE",
    1,
    1,
    "Shows a seal (Seal.esl) or a sealed signature (SignedValue.dat). Exit code\n"
    "0: every step that could be judged passed; 1: one failed; 2: unreadable.",
    "查看印章或签章结构。",
    kInspectOptions};

constexpr std::array kStatusOptions{
    Option{"--key", "KEY", "the maker's SM2 key", "制章私钥", Need::required},
    Option{"--certificate", "CERT.pem", "the maker's certificate", "制章证书"},
    Option{"--password-file", "FILE", "the password of a PKCS#12 file or of a device's key",
           "PKCS#12 或密码设备私钥的口令文件"},
    Option{"--previous", "FILE", "the list that this one goes on from", "上一份列表"},
    Option{"--days", "N", "how long the list holds; default 7", "有效天数"},
    Option{"--out", "FILE", "where the list goes", "输出文件", Need::required}};
constexpr Syntax kStatus{"heqi seal withdraw",
                         "[ESID…]",
                         0,
                         10'000,
                         "Writes a list of withdrawn seals, signed by their maker.",
                         "签发被撤销印章的状态列表。",
                         kStatusOptions};

Result<double> number_of(const Arguments& arguments, std::string_view name, double otherwise) {
  const auto text = arguments.find(name);
  if (!text) return otherwise;
  double out = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), out);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size())
    return fail(Code::malformed, std::string(name) + ": a number");
  return out;
}

Result<drawing::SealDesign> design_of(const Arguments& arguments) {
  drawing::SealDesign out;
  const std::string shape = arguments.find("--shape").value_or("round");
  if (shape == "oval") {
    out.shape = drawing::SealShape::oval;
    out.width_mm = 45, out.height_mm = 30;
  } else if (shape == "square") {
    out.shape = drawing::SealShape::square;
    out.width_mm = out.height_mm = 20, out.border_mm = 0.8;
  } else if (shape != "round") {
    return fail(Code::malformed, "--shape: round, oval or square");
  }
  out.name = arguments.get("--name");
  out.caption = arguments.get("--caption");
  out.code = arguments.get("--code");
  if (const auto size = arguments.find("--size")) {
    const auto parts = base::split(*size, ',');
    if (parts.size() != 2) return fail(Code::malformed, "--size: W,H in whole millimetres");
    int sides[2] = {0, 0};
    for (std::size_t i = 0; i < 2; ++i) {
      const auto read =
          std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), sides[i]);
      if (read.ec != std::errc() || read.ptr != parts[i].data() + parts[i].size())
        return fail(Code::malformed, "--size: W,H in whole millimetres");
    }
    out.width_mm = sides[0], out.height_mm = sides[1];
  }
  HEQI_TRY(out.border_mm, number_of(arguments, "--border", out.border_mm));
  HEQI_TRY(out.wear, number_of(arguments, "--wear", 0));
  return out;
}

Result<drawing::Picture> picture_of(const Arguments& arguments, const drawing::SealDesign& design) {
  if (const auto path = arguments.find("--picture")) {
    HEQI_TRY(const Bytes file, base::read_file(*path, kFileSizeMax));
    HEQI_TRY(drawing::Picture picture, drawing::decode_png(file));
    return drawing::with_clear_ground(std::move(picture));
  }
  const auto font = arguments.find("--font");
  HEQI_TRY(
      const drawing::Typeface typeface,
      font ? drawing::Typeface::open(*font) : drawing::Typeface::open_style(drawing::Style::song));
  return drawing::draw_seal(design, typeface);
}

Result<SigningKey> maker_of(const Arguments& arguments) {
  base::SecretBytes password;
  if (asks_for_password(arguments.get("--key"))) {
    const auto path = arguments.find("--password-file");
    if (!path) return fail(Code::malformed, "this key needs --password-file");
    HEQI_TRY(password, read_secret_file(*path));
  }
  return open_signing_key({arguments.get("--key"), arguments.get("--certificate")}, password);
}

Result<base::Time> time_of(const Arguments& arguments, std::string_view name,
                           base::Time otherwise) {
  const auto text = arguments.find(name);
  if (!text) return otherwise;
  return base::parse_rfc3339(*text);
}

Result<seal::SealRequest> request_of(const Arguments& arguments, const drawing::SealDesign& design,
                                     Bytes png, const SigningKey& maker, base::Time now) {
  seal::SealRequest out;
  HEQI_TRY(const Bytes pem, base::read_file(arguments.get("--signers"), kFileSizeMax));
  HEQI_TRY(out.signers, x509::parse_certificates_pem(base::text_of(pem)));
  out.info.vendor = "Heqi";
  out.info.id = arguments.get("--id");
  out.info.name = design.name;
  HEQI_TRY(const double type, number_of(arguments, "--type", 1));
  out.info.type = static_cast<std::int64_t>(type);
  out.info.created = now;
  HEQI_TRY(out.info.valid_from, time_of(arguments, "--from", now));
  HEQI_TRY(out.info.valid_until,
           time_of(arguments, "--until", out.info.valid_from + std::chrono::hours(24 * 1096)));
  out.info.picture = {"PNG", std::move(png), static_cast<std::int64_t>(design.width_mm),
                      static_cast<std::int64_t>(design.height_mm)};
  if (!maker.chain.empty()) out.info.extensions = {seal::make_certificate_values(maker.chain)};
  return out;
}

std::string missing_for_seal(const Arguments& arguments) {
  for (const char* name : {"--name", "--id", "--signers", "--out"})
    if (!arguments.has(name)) return std::string(name) + " is needed to make a seal";
  return {};
}

Result<int> make(const Arguments& arguments) {
  HEQI_TRY(const drawing::SealDesign design, design_of(arguments));
  HEQI_TRY(const drawing::Picture picture, picture_of(arguments, design));
  const Bytes png = drawing::encode_png(picture, picture.width / design.width_mm);
  if (const auto preview = arguments.find("--preview")) {
    HEQI_TRY(base::write_file(*preview, png));
    if (!arguments.has("--key")) return kExitDone;
  }
  if (const std::string missing = missing_for_seal(arguments); !missing.empty()) {
    print_usage_error(kMake.command, missing);
    return kExitUsage;
  }
  HEQI_TRY(const auto randomness, make_randomness());
  HEQI_TRY(const SigningKey maker, maker_of(arguments));
  const base::Time now = std::chrono::floor<std::chrono::seconds>(randomness->clock.now());
  HEQI_TRY(const seal::SealRequest request, request_of(arguments, design, png, maker, now));
  HEQI_TRY(const Bytes made, seal::make_seal(request, maker.certificate, *maker.signer));
  HEQI_TRY(base::write_file(arguments.get("--out"), made));
  const std::string digest = base::to_hex(crypto::sm3(made));
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("seal", arguments.get("--out")).field("id", request.info.id);
    json.field("sm3", digest).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s  %s  SM3 %s\n", arguments.get("--out").c_str(), request.info.id.c_str(),
                digest.c_str());
  }
  return kExitDone;
}

// Shown is a seal or sealed signature with its judgement.
struct Shown {
  seal::Seal used;
  std::optional<seal::SealedSignature> sealed;
  seal::SealJudgement judgement;
};

Result<Shown> judge(const Arguments& arguments, base::ByteView file) {
  Shown out;
  seal::SealCheck check;
  if (const auto trust = arguments.find("--trust")) {
    HEQI_TRY(check.trust, load_trust(trust));
  }
  HEQI_TRY(const Evidence evidence, load_evidence(arguments));
  check.now = base::SystemClock().now();
  check.path.now = check.now;
  check.path.intermediates = evidence.certificates;
  check.path.crls = evidence.crls;
  check.path.ocsp_answers = evidence.ocsp_answers;
  const auto signatures = ossl::make_signature_verifier();
  const pki::FunctionDigester digests{ossl::digest};
  const pki::Algorithms algorithms{*signatures, digests};
  if (auto sealed = seal::parse_sealed_signature(file)) {
    check.status_list = seal::newest_list(evidence.seal_status, sealed->seal, check.now);
    out.judgement = seal::verify_sealed_signature(*sealed, {}, check, algorithms);
    // Without the document there is nothing to compare the hash with.
    out.judgement.at(seal::Step::data_hash) = {seal::Outcome::not_asked,
                                               "the document is elsewhere"};
    out.used = sealed->seal;
    out.sealed = *std::move(sealed);
    return out;
  }
  HEQI_TRY(out.used, seal::parse_seal(file));
  check.status_list = seal::newest_list(evidence.seal_status, out.used, check.now);
  out.judgement = seal::verify_seal(out.used, check, algorithms);
  return out;
}

void print_json(const Shown& shown) {
  const seal::SealInfo& info = shown.used.info;
  base::JsonWriter json;
  json.begin_object().field("kind", shown.sealed ? "sealed_signature" : "seal");
  json.field("layout", seal::name_of(shown.used.layout)).field("version", info.version);
  json.field("vendor", info.vendor).field("id", info.id).field("type", info.type);
  json.field("name", info.name).field("created", base::to_rfc3339(info.created));
  json.field("valid_from", base::to_rfc3339(info.valid_from));
  json.field("valid_until", base::to_rfc3339(info.valid_until)).key("picture").begin_object();
  json.field("type", info.picture.type).field("width_mm", info.picture.width_mm);
  json.field("height_mm", info.picture.height_mm);
  json.field("sm3", base::to_hex(crypto::sm3(info.picture.data))).end_object();
  json.key("signers").begin_array();
  for (const Bytes& one : info.signers.certificates) {
    const auto certificate = x509::parse_certificate(one);
    json.text(certificate ? certificate->subject().text() : "?");
  }
  for (const seal::CertificateDigest& one : info.signers.digests)
    json.text(one.algorithm + ":" + base::to_hex(one.value));
  json.end_array();
  if (shown.judgement.maker) json.field("maker", shown.judgement.maker->subject().text());
  if (shown.judgement.signer) json.field("signer", shown.judgement.signer->subject().text());
  if (shown.sealed && shown.sealed->claimed_time)
    json.field("claimed_time", base::to_rfc3339(*shown.sealed->claimed_time));
  json.key("steps").begin_array();
  for (std::size_t i = 0; i < seal::kSteps; ++i) {
    json.begin_object().field("step", seal::name_of(static_cast<seal::Step>(i)));
    json.field("outcome", seal::name_of(shown.judgement.steps[i].outcome));
    json.field("why", shown.judgement.steps[i].why).end_object();
  }
  json.end_array().key("deviations").begin_array();
  for (const seal::Deviation one : shown.judgement.deviations.all())
    json.text(seal::text_of(one).name);
  json.end_array().end_object();
  std::printf("%s\n", json.str().c_str());
}

void print_text(const Shown& shown) {
  const seal::SealInfo& info = shown.used.info;
  const auto line = [](const char* label, const std::string& value) {
    std::printf("%-24s %s\n", label, value.c_str());
  };
  line("Seal / 印章", info.name + "  (" + info.id + ")");
  line("Layout / 结构", std::string(seal::name_of(shown.used.layout)) + ", " + info.vendor);
  line("In force / 有效期",
       base::to_rfc3339(info.valid_from) + " … " + base::to_rfc3339(info.valid_until));
  line("Picture / 图像", info.picture.type + ", " + std::to_string(info.picture.width_mm) + " × " +
                             std::to_string(info.picture.height_mm) + " mm");
  if (shown.judgement.maker) line("Maker / 制章者", shown.judgement.maker->subject().text());
  if (shown.judgement.signer) line("Signer / 签章人", shown.judgement.signer->subject().text());
  for (std::size_t i = 0; i < seal::kSteps; ++i) {
    const seal::StepResult& step = shown.judgement.steps[i];
    line(("  " + std::string(seal::name_of(static_cast<seal::Step>(i)))).c_str(),
         std::string(seal::name_of(step.outcome)) + (step.why.empty() ? "" : ": " + step.why));
  }
  for (const seal::Deviation one : shown.judgement.deviations.all())
    line("  deviates / 偏差",
         std::string(seal::text_of(one).english) + " / " + std::string(seal::text_of(one).chinese));
}

Result<int> inspect(const Arguments& arguments) {
  const auto file = base::read_file(arguments.operands()[0], seal::kSealedSignatureSizeMax);
  const auto shown = file ? judge(arguments, *file) : file.error();
  if (!shown) {
    print_error(arguments.operands()[0], shown.error());
    return kExitUsage;
  }
  if (const auto path = arguments.find("--picture")) {
    HEQI_TRY(base::write_file(*path, shown->used.info.picture.data));
  }
  arguments.has("--json") ? print_json(*shown) : print_text(*shown);
  for (const seal::StepResult& step : shown->judgement.steps)
    if (step.outcome == seal::Outcome::failed) return kExitRefused;
  return kExitDone;
}

Result<int> withdraw(const Arguments& arguments) {
  HEQI_TRY(const auto randomness, make_randomness());
  HEQI_TRY(const SigningKey maker, maker_of(arguments));
  HEQI_TRY(const double days, number_of(arguments, "--days", 7));
  if (!(days > 0) || days > 3660) return fail(Code::malformed, "--days: 1 to 3660");
  const base::Time now = std::chrono::floor<std::chrono::seconds>(randomness->clock.now());
  std::vector<seal::SealStatusEntry> entries;
  if (const auto path = arguments.find("--previous")) {
    HEQI_TRY(const Bytes list, base::read_file(*path, seal::kStatusListSizeMax));
    HEQI_TRY(const seal::SealStatusList previous, seal::parse_status_list(list));
    entries = previous.entries;
  }
  for (const std::string& id : arguments.operands())
    entries.push_back({id, now, seal::SealState::revoked});
  const base::Time until = now + std::chrono::seconds(static_cast<std::int64_t>(days * 86'400));
  HEQI_TRY(const Bytes list,
           seal::make_status_list(now, until, entries, maker.certificate, *maker.signer));
  HEQI_TRY(base::write_file(arguments.get("--out"), list));
  std::printf("%s  %zu\n", arguments.get("--out").c_str(), entries.size());
  return kExitDone;
}

int print_seal_help(std::FILE* to, int code) {
  std::fputs(
      "heqi seal make|inspect|withdraw [--help]\n\n"
      "  make      makes a seal from a name or a picture · 制作印章\n"
      "  inspect   shows a seal or a sealed signature · 查看印章或签章\n"
      "  withdraw  writes the list of withdrawn seals · 签发印章状态列表\n",
      to);
  return code;
}

}  // namespace

int run_seal(CommandLine arguments) {
  if (arguments.empty()) return print_seal_help(stderr, kExitUsage);
  const CommandLine rest = arguments.subspan(1);
  if (arguments[0] == "--help") return print_seal_help(stdout, kExitDone);
  if (arguments[0] == "make") return run_command(kMake, rest, make);
  if (arguments[0] == "inspect") return run_command(kInspect, rest, inspect);
  if (arguments[0] == "withdraw") return run_command(kStatus, rest, withdraw);
  return print_seal_help(stderr, kExitUsage);
}

}  // namespace heqi::program
