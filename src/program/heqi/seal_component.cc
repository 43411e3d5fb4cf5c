#include "seal_component.h"

#include <dlfcn.h>

#include <functional>

#include "key_uri.h"

namespace heqi::program {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kScheme = "oes:";
constexpr int kAnswerSizeMax = 16 << 20;
constexpr unsigned long kRefusedByPerson = 0x10;
constexpr std::string_view kSignMethod = "1.2.156.10197.1.501";  // SM2 with SM3

using Octet = unsigned char;
using TextCall = int (*)(Octet*, int*);
using SealCall = int (*)(Octet*, int, Octet*, int*);
using SignCall = unsigned long (*)(Octet*, int, Octet*, int, Octet*, int, Octet*, int, Octet*, int,
                                   Octet*, int*);
using WordsCall = int (*)(unsigned long, Octet*, int*);

// Argument is octets that the component may write to, as its functions are declared.
struct Argument {
  explicit Argument(base::ByteView content) : octets(base::to_bytes(content)) {}
  explicit Argument(std::string_view text) : Argument(base::bytes_of(text)) {}
  Octet* data() { return octets.data(); }
  int size() const { return static_cast<int>(octets.size()); }
  Bytes octets;
};

class LoadedComponent final : public SealComponent {
 public:
  static Result<std::unique_ptr<SealComponent>> load(const std::string& library) {
    std::unique_ptr<LoadedComponent> out(new LoadedComponent);
    out->library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (out->library_ == nullptr) {
      const char* why = ::dlerror();
      return fail(Code::not_found, why != nullptr ? why : library);
    }
    HEQI_TRY(out->look(out->seal_, "OES_GetSeal"));
    HEQI_TRY(out->look(out->time_, "OES_GetSignDateTime"));
    HEQI_TRY(out->look(out->sign_, "OES_Sign"));
    HEQI_TRY(out->look(out->words_, "OES_GetErrMessage"));
    return std::unique_ptr<SealComponent>(std::move(out));
  }
  ~LoadedComponent() override {
    if (library_ != nullptr) ::dlclose(library_);
  }

  Result<Bytes> find_seal(const std::string& id_or_name) override {
    Argument id(id_or_name);
    return answer_of("OES_GetSeal", [&](Octet* out, int* size) {
      return number(seal_(id.data(), id.size(), out, size));
    });
  }
  Result<std::string> time_of_signing() override {
    HEQI_TRY(const Bytes text, answer_of("OES_GetSignDateTime", [&](Octet* out, int* size) {
               return number(time_(out, size));
             }));
    return std::string(base::text_of(text));
  }
  Result<Bytes> sign(const Request& request) override {
    Argument seal(request.seal), property(request.property), digest(request.digest),
        method(kSignMethod), time(request.time);
    return answer_of("OES_Sign", [&](Octet* out, int* size) {
      return sign_(seal.data(), seal.size(), property.data(), property.size(), digest.data(),
                   digest.size(), method.data(), method.size(), time.data(), time.size(), out,
                   size);
    });
  }

 private:
  using Call = std::function<unsigned long(Octet* out, int* size)>;

  LoadedComponent() = default;
  static unsigned long number(int code) { return static_cast<unsigned long>(code); }

  template <class Function>
  Status look(Function& place, const char* name) {
    place = reinterpret_cast<Function>(::dlsym(library_, name));
    if (place == nullptr)
      return fail(Code::unsupported, std::string("a component without ") + name);
    return {};
  }

  // answer_of asks for the length, then for the answer.
  Result<Bytes> answer_of(const std::string& name, const Call& call) {
    int size = 0;
    HEQI_TRY(check(name, call(nullptr, &size)));
    if (size < 0 || size > kAnswerSizeMax)
      return fail(Code::limit_exceeded, name + ": " + std::to_string(size) + " octets");
    Bytes out(static_cast<std::size_t>(size));
    int filled = size;
    HEQI_TRY(check(name, call(out.data(), &filled)));
    if (filled < 0 || filled > size)
      return fail(Code::unavailable, name + ": an answer longer than it said");
    out.resize(static_cast<std::size_t>(filled));
    return out;
  }

  Status check(const std::string& name, unsigned long code) {
    if (code == 0) return {};
    if (code == kRefusedByPerson) return fail(Code::cancelled, name);
    Bytes words(1024);
    int size = static_cast<int>(words.size());
    if (words_(code, words.data(), &size) != 0 || size < 0 ||
        static_cast<std::size_t>(size) > words.size())
      size = 0;
    words.resize(static_cast<std::size_t>(size));
    return fail(Code::unavailable,
                name + ": " + std::to_string(code) + " " + std::string(base::text_of(words)));
  }

  void* library_ = nullptr;
  SealCall seal_ = nullptr;
  TextCall time_ = nullptr;
  SignCall sign_ = nullptr;
  WordsCall words_ = nullptr;
};

}  // namespace

bool is_component_uri(std::string_view text) {
  return text.starts_with(kScheme);
}

Result<ComponentUri> parse_component_uri(std::string_view text) {
  HEQI_TRY(const std::vector<UriAttribute> attributes, parse_key_uri(kScheme, text));
  ComponentUri out;
  for (const UriAttribute& one : attributes) {
    if (one.name != "library" && one.name != "seal")
      return fail(Code::malformed, "the component's URI: " + one.name +
                                       " is neither library nor "
                                       "seal");
    (one.name == "library" ? out.library : out.seal) = one.value;
  }
  if (out.library.empty() || out.seal.empty())
    return fail(Code::malformed, "the component's URI: oes:library=FILE;seal=ID");
  return out;
}

Result<std::unique_ptr<SealComponent>> SealComponent::load(const std::string& library) {
  return LoadedComponent::load(library);
}

}  // namespace heqi::program
