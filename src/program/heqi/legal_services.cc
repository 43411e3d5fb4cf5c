#include "legal_services.h"

#include <algorithm>
#include <filesystem>

#include <heqi/base/file_store.h>
#include <heqi/base/settings.h>

namespace heqi::program {

using base::Code;
using base::Result;
using services::contract::LegalParcel;
using services::contract::LegalService;

namespace {

constexpr std::size_t kPemSizeMax = std::size_t{4} << 20, kSettingsFileMax = 64 << 10;
constexpr std::size_t kTitleMax = 100, kNameMax = 64;
constexpr std::string_view kEnding = ".toml";
constexpr std::string_view kNameAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789-";

// A line of a mebibyte a second is the slowest that is waited for.
constexpr base::Duration kAnswerMax = std::chrono::seconds(15);
base::Duration time_for(std::size_t size) {
  return kAnswerMax + std::chrono::seconds(size >> 20);
}

Result<LegalSettings> read_settings(const std::string& folder, base::Settings& in) {
  LegalSettings out;
  HEQI_TRY(out.service.title, in.required_text("title"));
  HEQI_TRY(out.service.address, in.required_text("url"));
  HEQI_TRY(const std::string trust, in.text("trust", ""));
  HEQI_TRY(in.finish());
  if (out.service.title.empty() || out.service.title.size() > kTitleMax)
    return base::fail(Code::malformed, "title has 1…100 octets");
  HEQI_TRY(services::identity::check_push_url(out.service.address));
  if (trust.empty()) return out;
  HEQI_TRY(const base::Bytes pem,
           base::read_file(trust.front() == '/' ? trust : folder + "/" + trust, kPemSizeMax));
  out.trusted_pem = base::text_of(pem);
  return out;
}

void add_part(base::Bytes& body, const std::string& boundary, std::string_view name,
              std::string_view type, base::ByteView content) {
  const std::string head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" +
                           std::string(name) + "\"\r\nContent-Type: " + std::string(type) +
                           "\r\n\r\n";
  base::append(body, base::bytes_of(head));
  base::append(body, content);
  base::append(body, base::bytes_of("\r\n"));
}

// form_of: the boundary is of the parcel's id, which was drawn after the package was made.
base::FetchRequest form_of(const LegalParcel& parcel) {
  const std::string boundary = "heqi-" + parcel.id;
  base::FetchRequest out;
  out.headers = {{"content-type", "multipart/form-data; boundary=" + boundary}};
  out.body.reserve(parcel.package.size() + parcel.statement.size() + parcel.token.size() + 1024);
  add_part(out.body, boundary, "statement", "application/json", base::bytes_of(parcel.statement));
  add_part(out.body, boundary, "statement_time", "application/timestamp-token", parcel.token);
  add_part(out.body, boundary, "package", "application/zip", parcel.package);
  base::append(out.body, base::bytes_of("--" + boundary + "--\r\n"));
  out.timeout = time_for(out.body.size());
  return out;
}

}  // namespace

Result<LegalSettings> parse_legal_settings(const std::string& folder, const std::string& file,
                                           std::string_view text) {
  const std::string name = file.substr(0, file.size() - kEnding.size());
  if (name.empty() || name.size() > kNameMax ||
      name.find_first_not_of(kNameAlphabet) != std::string::npos)
    return base::fail(Code::malformed, file + ": the name is of [a-z0-9-]");
  auto in = base::Settings::parse(text);
  auto out = in ? read_settings(folder, *in) : Result<LegalSettings>(in.error());
  if (!out) return base::fail(out.error().code, file + ": " + out.error().detail);
  out->service.name = name;
  return out;
}

Result<std::vector<LegalSettings>> read_legal_settings(const std::string& folder) {
  std::vector<LegalSettings> out;
  if (folder.empty()) return out;
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::string file = entry.path().filename().string();
    if (file.ends_with(kEnding)) files.push_back(std::move(file));
  }
  if (error) return base::fail(Code::not_found, "legal_services: " + folder + " cannot be read");
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    HEQI_TRY(const base::Bytes text, base::read_file(folder + "/" + file, kSettingsFileMax));
    HEQI_TRY(LegalSettings one, parse_legal_settings(folder, file, base::text_of(text)));
    out.push_back(std::move(one));
  }
  return out;
}

LegalPosts::LegalPosts(std::vector<LegalSettings> settings, services::identity::SignedPush& push)
    : push_(push) {
  for (LegalSettings& one : settings)
    ways_.push_back({std::move(one.service),
                     std::make_unique<http::CurlFetch>(http::ClientOptions{
                         .trusted_pem = std::move(one.trusted_pem), .allows_plain = true})});
}

std::vector<LegalService> LegalPosts::list() const {
  std::vector<LegalService> out;
  for (const Way& one : ways_) out.push_back(one.service);
  return out;
}

base::Status LegalPosts::hand(const std::string& name, const LegalParcel& parcel) {
  for (const Way& one : ways_) {
    if (one.service.name != name) continue;
    base::FetchRequest request = form_of(parcel);
    request.url = one.service.address;
    return push_.post(*one.fetch, std::move(request), "legal service " + name);
  }
  return base::fail(Code::not_found, "no such legal service");
}

}  // namespace heqi::program
