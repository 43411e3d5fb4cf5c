#include <heqi_device.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <heqi/base/text.h>
#include <heqi/device/list_messages.h>
#include <heqi/terminal/terminal_client.h>

using heqi::base::Code;
using heqi::base::Result;
using heqi::base::SecretBytes;
using heqi::device::Display;
using heqi::device::LocalService;
using heqi::device::Step;
using heqi::terminal::TerminalClient;

struct heqi_device {
  TerminalClient client;
};

namespace {

template <std::size_t N>
void put(char (&out)[N], std::string_view text) {
  const std::size_t size = std::min(text.size(), N - 1);
  std::copy_n(text.begin(), size, out);
  out[size] = '\0';
}

// copy_of gives memory of malloc; null where there is none left.
char* copy_of(std::string_view text) {
  char* out = static_cast<char*>(std::malloc(text.size() + 1));
  if (out == nullptr) return nullptr;
  std::copy(text.begin(), text.end(), out);
  out[text.size()] = '\0';
  return out;
}

std::uint8_t* copy_of(const heqi::base::Bytes& octets) {
  auto* out = static_cast<std::uint8_t*>(std::malloc(std::max<std::size_t>(octets.size(), 1)));
  if (out != nullptr) std::copy(octets.begin(), octets.end(), out);
  return out;
}

heqi::base::Bytes octets(const uint8_t* data, size_t size) {
  return size == 0 ? heqi::base::Bytes() : heqi::base::Bytes(data, data + size);
}

heqi::base::Bytes encode_offer(const heqi_device_agreement& from) {
  heqi::device::AgreementOffer offer{octets(from.public_key, heqi::crypto::kPointSize),
                                     octets(from.share, heqi::crypto::kPointSize), from.own_id,
                                     from.peer_id, from.key_size};
  if (from.confirmation != nullptr)
    offer.confirmation = octets(from.confirmation, heqi::crypto::kSm3Size);
  return heqi::device::encode_agreement_offer(offer);
}

int fail(const heqi::base::Error& error, heqi_device_error* out) {
  if (out != nullptr) {
    put(out->id, heqi::base::error_text(error.code).id);
    put(out->detail, error.detail);
  }
  return HEQI_DEVICE_FAILED;
}

// take_pin wipes the caller's digits.
SecretBytes take_pin(char* digits, std::size_t count) {
  SecretBytes pin = SecretBytes::copy_of({reinterpret_cast<const std::uint8_t*>(digits), count});
  heqi::base::secure_wipe(digits, count);
  return pin;
}

void put_display(const Display& display, heqi_device_step& out) {
  out.transaction_id = copy_of(display.transaction_id);
  out.title = copy_of(display.title);
  out.application = copy_of(display.application);
  out.content_type = copy_of(display.content_type);
  put(out.code, display.code);
  out.size = display.size;
  std::copy(display.digest.begin(), display.digest.end(), out.digest);
  out.tries_left = display.tries_left ? static_cast<int>(*display.tries_left) : -1;
}

int give(const Result<Step>& step, heqi_device_step* out, heqi_device_error* error) {
  *out = heqi_device_step{};
  out->tries_left = -1;
  if (!step) return fail(step.error(), error);
  out->kind = static_cast<heqi_device_step_kind>(step->kind);
  out->destination = static_cast<heqi_device_destination>(step->destination);
  if (!step->message.empty()) {
    out->message = copy_of(step->message);
    out->message_size = step->message.size();
  }
  if (step->display) put_display(*step->display, *out);
  put(out->outcome, step->kind == Step::Kind::refused ? heqi::base::error_text(step->refusal).id
                                                      : std::string_view(step->outcome));
  return HEQI_DEVICE_OK;
}

int give(const Result<heqi::device::ModuleStatus>& status, heqi_device_status* out,
         heqi_device_error* error) {
  *out = heqi_device_status{};
  if (!status) return fail(status.error(), error);
  put(out->version, status->version);
  out->state = static_cast<heqi_device_state>(status->state);
  out->approved_mode = status->approved_mode ? 1 : 0;
  put(out->failure, status->failure);
  return HEQI_DEVICE_OK;
}

template <class T>
int done(const Result<T>& result, heqi_device_error* error) {
  return result ? HEQI_DEVICE_OK : fail(result.error(), error);
}

Display display_of(const heqi_device_step& shown) {
  Display display;
  if (shown.transaction_id != nullptr) display.transaction_id = shown.transaction_id;
  std::copy_n(shown.digest, display.digest.size(), display.digest.begin());
  return display;
}

// listed are the documents of the list that is displayed, if it is the one that was shown.
Result<std::vector<Display>> listed(TerminalClient& client, const Display& shown) {
  HEQI_TRY(const heqi::base::Bytes list, client.data(shown.transaction_id));
  if (heqi::crypto::sm3(list) != shown.digest)
    return heqi::base::fail(Code::device_display_differs, "another list is displayed");
  return heqi::device::parse_displays(list);
}

}  // namespace

extern "C" {

int heqi_device_connect(const char* socket_path, heqi_device** out, heqi_device_error* error) {
  *out = nullptr;
  auto client = TerminalClient::connect(socket_path);
  if (!client) return fail(client.error(), error);
  *out = new heqi_device{*std::move(client)};
  return HEQI_DEVICE_OK;
}

void heqi_device_close(heqi_device* device) {
  delete device;
}

void heqi_device_free(void* memory) {
  std::free(memory);
}

void heqi_device_step_clear(heqi_device_step* step) {
  std::free(step->message);
  for (char* text : {step->transaction_id, step->title, step->application, step->content_type})
    std::free(text);
  *step = heqi_device_step{};
}

int heqi_device_get_status(heqi_device* device, heqi_device_status* out, heqi_device_error* error) {
  return give(device->client.status(), out, error);
}

int heqi_device_self_test(heqi_device* device, heqi_device_status* out, heqi_device_error* error) {
  return give(device->client.self_test(), out, error);
}

int heqi_device_initialise(heqi_device* device, heqi_device_error* error) {
  return done(device->client.initialise(), error);
}

int heqi_device_enrol(heqi_device* device, const char* code, heqi_device_step* out,
                      heqi_device_error* error) {
  return give(device->client.enrol(code), out, error);
}

int heqi_device_poll(heqi_device* device, heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.poll(), out, error);
}

int heqi_device_deliver(heqi_device* device, const uint8_t* answer, size_t size,
                        heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.deliver({answer, size}), out, error);
}

int heqi_device_choose_pin(heqi_device* device, char* digits, size_t count, heqi_device_step* out,
                           heqi_device_error* error) {
  return give(device->client.choose_pin(take_pin(digits, count)), out, error);
}

int heqi_device_confirm(heqi_device* device, const heqi_device_step* shown, char* digits,
                        size_t count, heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.confirm(display_of(*shown), take_pin(digits, count)), out, error);
}

int heqi_device_cancel(heqi_device* device, const heqi_device_step* shown, heqi_device_step* out,
                       heqi_device_error* error) {
  return give(device->client.cancel(display_of(*shown).transaction_id), out, error);
}

int heqi_device_data(heqi_device* device, const heqi_device_step* shown, uint8_t** out,
                     size_t* size, heqi_device_error* error) {
  *out = nullptr;
  *size = 0;
  const auto data = device->client.data(display_of(*shown).transaction_id);
  if (!data) return fail(data.error(), error);
  *out = copy_of(*data);
  *size = data->size();
  return HEQI_DEVICE_OK;
}

int heqi_device_collect(heqi_device* device, heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.collect(), out, error);
}

int heqi_device_listed(heqi_device* device, const heqi_device_step* shown, heqi_device_step** out,
                       size_t* count, heqi_device_error* error) {
  *out = nullptr;
  *count = 0;
  const auto items = listed(device->client, display_of(*shown));
  if (!items) return fail(items.error(), error);
  *out = static_cast<heqi_device_step*>(std::calloc(items->size(), sizeof(heqi_device_step)));
  if (*out == nullptr) return fail(heqi::base::fail(Code::internal, "no memory"), error);
  *count = items->size();
  for (std::size_t i = 0; i < items->size(); ++i) {
    (*out)[i].kind = HEQI_DEVICE_CONFIRM;
    put_display((*items)[i], (*out)[i]);
  }
  return HEQI_DEVICE_OK;
}

void heqi_device_listed_free(heqi_device_step* items, size_t count) {
  for (size_t i = 0; i < count; ++i) heqi_device_step_clear(&items[i]);
  std::free(items);
}

int heqi_device_leave_out(heqi_device* device, const char* transaction_id, heqi_device_step* out,
                          heqi_device_error* error) {
  return give(device->client.leave_out(transaction_id), out, error);
}

int heqi_device_result_of(const heqi_device_step* finished, const char* transaction_id,
                          char result[64], heqi_device_error* error) {
  const auto results =
      heqi::device::parse_sign_results(octets(finished->message, finished->message_size));
  if (!results) return fail(results.error(), error);
  for (const heqi::device::SignResult& one : *results) {
    if (one.transaction_id != transaction_id) continue;
    const std::string_view text =
        one.failure ? heqi::base::error_text(*one.failure).id : std::string_view("signed");
    result[text.copy(result, 63)] = '\0';
    return HEQI_DEVICE_OK;
  }
  return fail(heqi::base::fail(Code::not_found, "no such document was in the list"), error);
}

int heqi_device_change_pin(heqi_device* device, heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.change_pin(), out, error);
}

int heqi_device_refresh_shares(heqi_device* device, heqi_device_step* out,
                               heqi_device_error* error) {
  return give(device->client.refresh_shares(), out, error);
}

int heqi_device_local_key(heqi_device* device, heqi_device_local_service service, const char* name,
                          const uint8_t* data, size_t size, heqi_device_step* out,
                          heqi_device_error* error) {
  heqi::device::LocalRequest request;
  request.service = static_cast<heqi::device::LocalService>(service);
  request.name = name;
  if (size != 0) request.data.assign(data, data + size);
  return give(device->client.use_local_key(request), out, error);
}

int heqi_device_verify(heqi_device* device, const uint8_t* public_key, const uint8_t* message,
                       size_t size, const uint8_t* signature, size_t signature_size,
                       heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.use_local_key(
                  {LocalService::verify,
                   {},
                   heqi::device::encode_verification({octets(public_key, heqi::crypto::kPointSize),
                                                      octets(message, size),
                                                      octets(signature, signature_size)})}),
              out, error);
}

int heqi_device_encrypt(heqi_device* device, const uint8_t* public_key, const uint8_t* plain,
                        size_t size, heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.use_local_key(
                  {LocalService::encrypt,
                   {},
                   heqi::device::encode_encryption(
                       {octets(public_key, heqi::crypto::kPointSize), octets(plain, size)})}),
              out, error);
}

int heqi_device_begin_agreement(heqi_device* device, const char* name, heqi_device_step* out,
                                heqi_device_error* error) {
  return give(device->client.use_local_key({LocalService::begin_agreement, name, {}}), out, error);
}

int heqi_device_agree(heqi_device* device, const char* name, const heqi_device_agreement* agreement,
                      heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.use_local_key({LocalService::agree, name, encode_offer(*agreement)}),
              out, error);
}

int heqi_device_finish_agreement(heqi_device* device, const char* name,
                                 const heqi_device_agreement* agreement, heqi_device_step* out,
                                 heqi_device_error* error) {
  return give(device->client.use_local_key(
                  {LocalService::finish_agreement, name, encode_offer(*agreement)}),
              out, error);
}

int heqi_device_local_public_key(heqi_device* device, const char* name, uint8_t* public_key,
                                 heqi_device_error* error) {
  const auto lines = device->client.local_keys();
  if (!lines) return fail(lines.error(), error);
  for (const heqi::device::LocalKeyLine& line : *lines) {
    if (line.name != name || line.public_key.size() != heqi::crypto::kPointSize) continue;
    std::copy(line.public_key.begin(), line.public_key.end(), public_key);
    return HEQI_DEVICE_OK;
  }
  return fail(heqi::base::fail(Code::not_found, "no local key of this name"), error);
}

int heqi_device_unbind(heqi_device* device, heqi_device_step* out, heqi_device_error* error) {
  return give(device->client.unbind(), out, error);
}

int heqi_device_destroy(heqi_device* device, heqi_device_error* error) {
  return done(device->client.retire(), error);
}

}  // extern "C"
