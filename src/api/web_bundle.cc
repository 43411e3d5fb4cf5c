#include <filesystem>

#include <heqi/api/web.h>
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/ossl/digest.h>
#include <heqi/x509/oids.h>

#include "brotli.h"
#include "gzip.h"

namespace heqi::api {
namespace {

namespace fs = std::filesystem;
using base::Code;

constexpr std::string_view kOctets = "application/octet-stream";

struct Kind {
  std::string_view ending, content_type;
  bool compresses;
};
constexpr Kind kKinds[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".svg", "image/svg+xml", true},
    {".wasm", "application/wasm", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".bcmap", kOctets, true},
    {".pfb", kOctets, false},
    {".ttf", "font/ttf", true},
    {".woff2", "font/woff2", false},
    {".png", "image/png", false},
    {".ico", "image/x-icon", true},
    {".webmanifest", "application/manifest+json", true},
};

Kind kind_of(std::string_view name) {
  for (const Kind& kind : kKinds)
    if (name.ends_with(kind.ending)) return kind;
  return {"", kOctets, false};
}

base::Result<WebFile> make_file(const std::string& name, base::Bytes content) {
  const Kind kind = kind_of(name);
  WebFile file;
  file.content_type = kind.content_type;
  file.sm3 = crypto::sm3(content);
  HEQI_TRY(file.sha256, ossl::digest(x509::oids::sha256(), content));
  file.is_immutable = name.starts_with("assets/");
  if (kind.compresses) file.gzip = gzip(content);
  if (file.gzip.size() >= content.size()) file.gzip.clear();
  file.content = std::move(content);
  return file;
}

// read_brotli adds the form that the build made: what is served is what the manifest says.
base::Status read_brotli(const std::string& path, WebFile& file) {
  auto compressed = base::read_file(path, kWebFileSizeMax);
  if (!compressed)
    return compressed.error().code == Code::not_found ? base::Status() : compressed.error();
  if (!is_brotli_of(*compressed, file.content))
    return base::fail(Code::malformed, "not the brotli form of its file: " + path);
  if (compressed->size() < file.content.size()) file.brotli = *std::move(compressed);
  return {};
}

std::string line_of(base::ByteView digest, const std::string& name) {
  return base::to_hex(digest) + "  " + name + "\n";
}

}  // namespace

base::Result<WebBundle> WebBundle::load(const std::string& folder) {
  std::error_code error;
  WebBundle out;
  fs::recursive_directory_iterator entries(folder, error);
  if (error) return base::fail(Code::not_found, folder);
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    const fs::file_status status = entry.symlink_status(error);
    if (fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status) || !base::is_file_name(name))
      return base::fail(Code::malformed, "not a plain file: " + name);
    if (out.files_.size() == kWebFilesMax) return base::fail(Code::limit_exceeded, folder);
    HEQI_TRY(base::Bytes content, base::read_file(entry.path().string(), kWebFileSizeMax));
    HEQI_TRY(WebFile file, make_file(name, std::move(content)));
    HEQI_TRY(read_brotli(folder + ".br/" + name, file));
    out.files_.emplace(name, std::move(file));
  }
  if (out.find("index.html") == nullptr) return base::fail(Code::not_found, folder + "/index.html");
  return out;
}

const WebFile* WebBundle::find(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

base::Status WebBundle::add_installation_file(const std::string& name, base::ByteView content) {
  if (!base::is_file_name(name) || find(name) != nullptr)
    return base::fail(Code::conflict, "the build has a file " + name);
  HEQI_TRY(WebFile file, make_file(name, base::to_bytes(content)));
  file.is_of_installation = true;
  files_.emplace(name, std::move(file));
  return {};
}

std::string WebBundle::lines_sm3(Part part) const {
  std::string lines;
  for (const auto& [name, file] : files_)
    if (part == Part::all || !file.is_of_installation) lines += line_of(file.sm3, name);
  return base::to_hex(crypto::sm3(base::bytes_of(lines)));
}

std::string WebBundle::sm3() const {
  return lines_sm3(Part::all);
}

std::string WebBundle::sha256() const {
  return lines_sha256(Part::all);
}

std::string WebBundle::lines_sha256(Part part) const {
  std::string lines;
  for (const auto& [name, file] : files_)
    if (part == Part::all || !file.is_of_installation) lines += line_of(file.sha256, name);
  const auto digest = ossl::digest(x509::oids::sha256(), base::bytes_of(lines));
  return digest ? base::to_hex(*digest) : std::string();
}

std::string WebBundle::manifest() const {
  base::JsonWriter json;
  json.begin_object().field("sm3", sm3()).field("sha256", sha256());
  json.key("build")
      .begin_object()
      .field("sm3", lines_sm3(Part::build))
      .field("sha256", lines_sha256(Part::build))
      .end_object()
      .key("files")
      .begin_array();
  for (const auto& [name, file] : files_)
    json.begin_object()
        .field("name", name)
        .field("size", static_cast<std::int64_t>(file.content.size()))
        .field("sm3", base::to_hex(file.sm3))
        .field("sha256", base::to_hex(file.sha256))
        .end_object();
  json.end_array().end_object();
  return json.str();
}

}  // namespace heqi::api
