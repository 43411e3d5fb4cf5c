#include "office_keys.h"

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

namespace heqi::program {

using base::Result;

namespace {

constexpr std::size_t kUriSizeMax = 4'096;

}  // namespace

base::Status OfficeKeys::open_devices(const std::string& folder,
                                      const std::vector<std::string>& names) {
  HEQI_TRY(const auto files, base::open_folder(folder));
  for (const std::string& name : names) {
    const auto text = files->read("keys/" + name + ".uri", kUriSizeMax);
    if (!text && text.error().code != base::Code::not_found) return text.error();
    std::unique_ptr<SdfKey> device;
    if (text) {
      HEQI_TRY(const SdfUri uri, parse_sdf_uri(base::trim(base::text_of(*text))));
      HEQI_TRY(SdfKey key, open_sdf_key(uri, {}));
      device = std::make_unique<SdfKey>(std::move(key));
    }
    devices_.push_back(std::move(device));
  }
  return {};
}

std::vector<std::string> OfficeKeys::sealed_names(const std::vector<std::string>& names) const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (devices_[i] == nullptr) out.push_back(names[i]);
  return out;
}

void OfficeKeys::line_up() {
  std::size_t sealed = 0;
  for (const auto& device : devices_) {
    if (device != nullptr) {
      keys_.push_back({device->signer.get(), &device->public_key});
    } else {
      keys_.push_back({&sealed_->signer(sealed), &sealed_->public_key(sealed)});
      ++sealed;
    }
  }
}

Result<OfficeKeys> OfficeKeys::open(const std::string& folder, const base::SecretBytes& passphrase,
                                    const std::vector<std::string>& names) {
  OfficeKeys out;
  HEQI_TRY(out.open_devices(folder, names));
  HEQI_TRY(FolderKeys sealed, FolderKeys::open(folder, passphrase, out.sealed_names(names)));
  out.sealed_ = std::make_unique<FolderKeys>(std::move(sealed));
  out.line_up();
  return out;
}

Result<OfficeKeys> OfficeKeys::make(const std::string& folder, const base::SecretBytes& passphrase,
                                    const std::vector<std::string>& names,
                                    std::optional<ossl::KeyKind> kind) {
  OfficeKeys out;
  HEQI_TRY(out.open_devices(folder, names));
  HEQI_TRY(FolderKeys sealed, FolderKeys::make(folder, passphrase, out.sealed_names(names), kind));
  out.sealed_ = std::make_unique<FolderKeys>(std::move(sealed));
  out.line_up();
  return out;
}

}  // namespace heqi::program
