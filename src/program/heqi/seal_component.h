// seal_component.h: a seal component of any maker, loaded as readers of OFD files load it: the
// functions of the OES interface, by name (heqi_oes/README.md). Its code runs in this process.
#pragma once
#include <memory>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::program {

// ComponentUri is oes:library=FILE;seal=ID, where a name does for the ID.
struct ComponentUri {
  std::string library, seal;
};
bool is_component_uri(std::string_view text);
// parse_component_uri fails as parse_key_uri, and with malformed where one of the two is missing.
base::Result<ComponentUri> parse_component_uri(std::string_view text);

class SealComponent {
 public:
  // load fails with not_found (no such library), unsupported (a function is missing).
  static base::Result<std::unique_ptr<SealComponent>> load(const std::string& library);
  virtual ~SealComponent() = default;

  // Each fails with unavailable and the component's own words, cancelled where the person refused,
  // limit_exceeded for an answer of more than 16 MiB.
  virtual base::Result<base::Bytes> find_seal(const std::string& id_or_name) = 0;
  virtual base::Result<std::string> time_of_signing() = 0;

  struct Request {
    std::string seal, property, time;
    base::Bytes digest;  // SM3 of Signature.xml
  };
  // sign gives what the component says is SES_Signature; nothing of it is checked here.
  virtual base::Result<base::Bytes> sign(const Request& request) = 0;
};

}  // namespace heqi::program
