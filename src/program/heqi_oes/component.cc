#include "component.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <heqi/base/file_store.h>
#include <heqi/base/settings.h>
#include <heqi/base/text.h>
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/pki/crl.h>

#include "pin_entry.h"
#include "process.h"
#include "signing_key.h"
#include "trust_files.h"

namespace heqi::oes {

namespace seal = documents::seal;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kEvidenceSizeMax = std::size_t{64} << 20;
constexpr std::size_t kValueSizeMax = 512;  // signature, algorithm, tags and lengths
constexpr std::size_t kDigestSize = 32;     // SM3
constexpr base::Duration kTimeSlack = std::chrono::minutes(5);

// files_of are those of a folder with this ending, by name.
Result<std::vector<std::string>> files_of(const std::string& folder, const std::string& ending) {
  std::error_code error;
  std::vector<std::string> out;
  for (const auto& one : std::filesystem::directory_iterator(folder, error))
    if (one.path().extension() == ending) out.push_back(one.path().string());
  if (error) return fail(Code::not_found, folder + ": " + error.message());
  std::sort(out.begin(), out.end());
  return out;
}

// read_each reads the files of a folder with parse.
template <class Item>
Result<std::vector<Item>> read_each(const std::string& folder, const std::string& ending,
                                    Result<Item> (*parse)(base::ByteView)) {
  std::vector<Item> out;
  if (folder.empty()) return out;
  HEQI_TRY(const auto files, files_of(folder, ending));
  for (const std::string& path : files) {
    HEQI_TRY(const Bytes file, base::read_file(path, kEvidenceSizeMax));
    auto item = parse(file);
    if (!item) return fail(item.error().code, path + ": " + item.error().detail);
    out.push_back(*std::move(item));
  }
  return out;
}

// program_of is the heqi that opens keys in files: this library is in somebody else's program.
Result<std::string> program_of(const Settings& settings) {
  if (!settings.program.empty()) return settings.program;
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void*>(&settings_path), &here) == 0 ||
      here.dli_fname == nullptr)
    return fail(Code::not_found, "where this library lies; name heqi by program");
  auto found = program::find_program_near(
      std::filesystem::absolute(here.dli_fname).parent_path().string(), "heqi");
  if (!found)
    return fail(Code::not_found,
                found.error().detail + ": it opens keys in files; name it by program");
  return found;
}

Result<program::SigningKey> open_key(const Settings& settings) {
  if (settings.key.empty()) return fail(Code::unsupported, "the configuration names no key");
  base::SecretBytes password;
  if (program::asks_for_password(settings.key)) {
    if (settings.password_file.empty())
      return fail(Code::malformed, "this key needs password_file in the configuration");
    HEQI_TRY(password, program::read_secret_file(settings.password_file));
  }
  std::string program;
  if (program::is_key_file(settings.key)) {
    HEQI_TRY(program, program_of(settings));
  }
  HEQI_TRY(program::SigningKey key,
           program::open_signing_key({settings.key, settings.certificate, program}, password));
  if (!key.certificate.public_key().is_sm2())
    return fail(Code::unsupported, "seals are used with SM2 keys");
  return key;
}

// what_failed names the steps that did not pass, with their reasons.
std::string what_failed(const seal::SealJudgement& judgement) {
  std::string out;
  for (std::size_t i = 0; i < seal::kSteps; ++i) {
    const seal::StepResult& one = judgement.steps[i];
    if (one.outcome == seal::Outcome::passed || one.outcome == seal::Outcome::not_asked) continue;
    if (!out.empty()) out += "; ";
    out += std::string(seal::name_of(static_cast<seal::Step>(i))) + " " +
           std::string(seal::name_of(one.outcome)) + (one.why.empty() ? "" : ": " + one.why);
  }
  return out;
}

// disagreement tells what the reader gave that is not what was signed.
std::string disagreement(const SealClaim& claim, const seal::SealedSignature& sealed) {
  if (!claim.seal.empty() && claim.seal != sealed.seal.der) return "another seal was signed";
  if (!claim.property.empty() && claim.property != sealed.property)
    return "the signature is of " + sealed.property;
  if (claim.time && sealed.claimed_time) {
    const base::Duration apart = *claim.time > *sealed.claimed_time
                                     ? *claim.time - *sealed.claimed_time
                                     : *sealed.claimed_time - *claim.time;
    if (apart > kTimeSlack) return "another time was signed";
  }
  return {};
}

}  // namespace

Result<Settings> read_settings(const std::string& path) {
  HEQI_TRY(base::Settings file, base::Settings::read(path));
  Settings out;
  HEQI_TRY(out.seals, file.required_text("seals"));
  HEQI_TRY(out.trust, file.text("trust", ""));
  HEQI_TRY(out.evidence, file.text("evidence", ""));
  HEQI_TRY(out.key, file.text("key", ""));
  HEQI_TRY(out.certificate, file.text("certificate", ""));
  HEQI_TRY(out.password_file, file.text("password_file", ""));
  HEQI_TRY(out.program, file.text("program", ""));
  HEQI_TRY(file.finish());
  return out;
}

std::string settings_path() {
  const char* named = std::getenv("HEQI_OES_CONFIG");
  return named != nullptr && *named != '\0' ? named : "/etc/heqi/oes.conf";
}

Result<std::vector<seal::Seal>> Component::seals() const {
  HEQI_TRY(const auto files, files_of(settings_.seals, ".esl"));
  std::vector<seal::Seal> out;
  for (const std::string& path : files) {
    const auto file = base::read_file(path, seal::kSealSizeMax);
    if (!file) continue;
    if (auto read = seal::parse_seal(*file)) out.push_back(*std::move(read));
  }
  return out;
}

Result<seal::Seal> Component::find_seal(const std::string& id_or_name) const {
  HEQI_TRY(const std::vector<seal::Seal> all, seals());
  const seal::Seal* found = nullptr;
  for (const seal::Seal& one : all) {
    if (one.info.id == id_or_name) return one;
    if (one.info.name != id_or_name) continue;
    if (found != nullptr) return fail(Code::conflict, "two seals are named " + id_or_name);
    found = &one;
  }
  if (found == nullptr) return fail(Code::not_found, "no seal " + id_or_name);
  return *found;
}

Result<std::size_t> Component::size_of_sealed(const SealWish& wish) const {
  HEQI_TRY(const seal::Seal used, find_seal(wish.seal));
  if (settings_.key.empty()) return fail(Code::unsupported, "the configuration names no key");
  std::size_t certificates = 0;  // the signer's, and those above it once more
  if (!settings_.certificate.empty()) {
    HEQI_TRY(const Bytes file, base::read_file(settings_.certificate, kEvidenceSizeMax));
    certificates = file.size();
  } else {
    std::error_code error;
    certificates = std::filesystem::file_size(settings_.key, error);
    if (error) return fail(Code::not_found, settings_.key);
  }
  return used.der.size() + wish.property.size() + wish.digest.size() + certificates + kValueSizeMax;
}

Result<Bytes> Component::seal(const SealWish& wish) const {
  if (wish.digest.size() != kDigestSize) return fail(Code::malformed, "the digest is not SM3's");
  HEQI_TRY(const seal::Seal used, find_seal(wish.seal));
  HEQI_TRY(program::SigningKey key, open_key(settings_));
  HEQI_TRY(seal::check_usable(used, key.certificate, wish.time));
  seal::SealedSignatureRequest request{used.der, wish.time, wish.digest, wish.property, {}};
  if (!key.chain.empty()) request.extensions = {seal::make_certificate_values(key.chain)};
  HEQI_TRY(const Bytes to_sign, seal::encode_to_sign(request));
  HEQI_TRY(const Bytes value, key.signer->sign(to_sign));
  HEQI_TRY(ossl::make_signature_verifier()->verify(key.signer->algorithm(),
                                                   key.certificate.public_key(), to_sign, value));
  return seal::assemble_sealed_signature(to_sign, key.certificate, key.signer->algorithm(), value);
}

Result<seal::SealCheck> Component::make_check(const seal::Seal& used,
                                              std::vector<seal::SealStatusList>& lists) const {
  seal::SealCheck check;
  if (!settings_.trust.empty()) {
    HEQI_TRY(check.trust, program::load_trust(settings_.trust));
  }
  check.now = check.path.now = base::SystemClock().now();
  HEQI_TRY(check.path.crls, read_each<pki::Crl>(settings_.evidence, ".crl", pki::parse_crl));
  HEQI_TRY(lists,
           read_each<seal::SealStatusList>(settings_.evidence, ".status", seal::parse_status_list));
  check.status_list = seal::newest_list(lists, used, check.now);
  return check;
}

Status Component::verify(const SealClaim& claim) const {
  HEQI_TRY(const seal::SealedSignature sealed,
           seal::parse_sealed_signature(claim.sealed_signature));
  if (const std::string other = disagreement(claim, sealed); !other.empty())
    return fail(Code::invalid_signature, other);
  std::vector<seal::SealStatusList> lists;
  HEQI_TRY(const seal::SealCheck check, make_check(sealed.seal, lists));
  const auto signatures = ossl::make_signature_verifier();
  const pki::FunctionDigester digests{ossl::digest};
  seal::SealJudgement judgement =
      seal::verify_sealed_signature(sealed, {}, check, {*signatures, digests});
  // The reader has the document; what it gives is the hash.
  judgement.at(seal::Step::data_hash) =
      base::same_bytes(claim.digest, sealed.data_hash)
          ? seal::StepResult{seal::Outcome::passed, {}}
          : seal::StepResult{seal::Outcome::failed, "the hash is of other data"};
  if (judgement.holds()) return {};
  return fail(Code::invalid_signature, what_failed(judgement));
}

}  // namespace heqi::oes
