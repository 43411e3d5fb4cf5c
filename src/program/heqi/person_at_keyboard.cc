#include "person_at_keyboard.h"

#include "display_text.h"
#include "pin_entry.h"

namespace heqi::program {

using base::Code;
using base::Result;
using base::SecretBytes;

PersonAtKeyboard::PersonAtKeyboard(const Arguments& arguments)
    : file_(arguments.find("--pin-file")),
      new_file_(arguments.find("--new-pin-file")),
      from_stdin_(arguments.has("--pin-stdin")),
      factors_file_(arguments.find("--factors-file")),
      new_factors_file_(arguments.find("--new-factors-file")) {}

namespace {

std::string_view question_of(device::Factor kind) {
  switch (kind) {
    case device::Factor::gesture:
      return "Gesture / 手势: ";
    case device::Factor::passphrase:
      return "Passphrase / 口令: ";
    default:
      return "Released key / 生物特征释放的密钥: ";
  }
}

}  // namespace

// The factors of a key just made or of a PIN just chosen are not asked for again at once.
Result<SecretBytes> PersonAtKeyboard::factor(device::Factor kind, WhichKey which) {
  const bool is_new = which == WhichKey::next;
  const auto known = remembered_factors_.find(kind);
  if (!is_new && known != remembered_factors_.end()) return known->second.clone();
  const auto& file = is_new && new_factors_file_ ? new_factors_file_ : factors_file_;
  SecretBytes value;
  if (file) {
    HEQI_TRY(value,
             read_secret_of(*file, device::factor_names(static_cast<device::Factors>(kind))));
  } else {
    HEQI_TRY(value, ask_secret(question_of(kind)));
    if (is_new) {
      HEQI_TRY(const SecretBytes again, ask_secret("Again / 再次输入: "));
      if (!same_secret(value, again))
        return base::fail(Code::malformed, "the two inputs differ / 两次输入不一致");
    }
  }
  if (is_new) remembered_factors_.insert_or_assign(kind, value.clone());
  return value;
}

Result<SecretBytes> PersonAtKeyboard::choose_pin() {
  if (new_file_) return read_secret_file(*new_file_);
  if (!asks()) {
    HEQI_TRY(SecretBytes pin, read());
    remembered_ = pin.clone();
    return pin;
  }
  HEQI_TRY(SecretBytes pin, ask_secret("New PIN, 6 to 32 digits / 设置 PIN（6–32 位数字）: "));
  HEQI_TRY(SecretBytes again, ask_secret("Again / 再次输入: "));
  if (!same_secret(pin, again))
    return base::fail(Code::malformed, "the two PINs differ / 两次输入不一致");
  remembered_ = pin.clone();
  return pin;
}

Result<std::optional<SecretBytes>> PersonAtKeyboard::confirm(const device::Display& display) {
  print_display(display);
  if (!asks()) {
    HEQI_TRY(once_.take(display));
  }
  // The certificate request follows the choice of the PIN at once: it is not asked for again.
  const bool request = display.kind == device::Display::Kind::certificate_request;
  if (request && remembered_ && !display.tries_left)
    return std::optional<SecretBytes>(remembered_->clone());
  return ask_or_refuse(is_about_the_key(display.kind)
                           ? "PIN goes on, Enter alone refuses / 输入 PIN 继续，直接回车取消: "
                           : "PIN signs, Enter alone refuses / 输入 PIN 签署，直接回车拒绝: ");
}

Result<std::optional<SecretBytes>> PersonAtKeyboard::confirm_list(
    const device::Display& list, const std::vector<device::Display>& items) {
  print_list(items);
  print_list_question(list, items.size());
  if (!asks()) {
    HEQI_TRY(once_.take(list));
  }
  return ask_or_refuse(
      "PIN signs all, Enter alone refuses all / 输入 PIN 全部签署，直接回车全部拒绝: ");
}

Result<std::optional<SecretBytes>> PersonAtKeyboard::ask_or_refuse(std::string_view question) {
  if (!asks()) {
    HEQI_TRY(SecretBytes pin, read());
    return std::optional<SecretBytes>(std::move(pin));
  }
  auto typed = ask_secret(question);
  if (!typed && typed.error().code == Code::cancelled) return std::optional<SecretBytes>();
  HEQI_TRY(SecretBytes pin, std::move(typed));
  return std::optional<SecretBytes>(std::move(pin));
}

void PersonAtKeyboard::progress(std::string_view what) {
  if (what == last_) return;
  last_ = what;
  print_line(stderr, "… ", last_);
}

Result<SecretBytes> PersonAtKeyboard::read() const {
  return file_ ? read_secret_file(*file_) : read_secret_stdin();
}

}  // namespace heqi::program
