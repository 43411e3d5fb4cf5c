#include "display_text.h"

#include <heqi/base/text.h>

namespace heqi::program {

namespace {

// print_heading says what the PIN is asked for; true where it is a document.
bool print_heading(device::Display::Kind kind) {
  switch (kind) {
    case device::Display::Kind::document:
      std::fputs("\nTo be signed / 待签文件\n", stderr);
      return true;
    case device::Display::Kind::certificate_request:
      std::fputs("\nCertificate request / 证书申请\n", stderr);
      return false;
    case device::Display::Kind::pin_change:
      std::fputs("\nChange of the PIN / 修改 PIN\n", stderr);
      return false;
    case device::Display::Kind::share_refresh:
      std::fputs("\nRefresh of the key's shares / 更新密钥分量\n", stderr);
      return false;
    case device::Display::Kind::local_key:
      std::fputs("\nUse of a key of this device / 使用本机密钥\n", stderr);
      return false;
    case device::Display::Kind::revocation:
      std::fputs("\nREVOCATION of the certificate; its key is erased / 吊销证书并删除密钥\n",
                 stderr);
      return false;
    case device::Display::Kind::seal:
      std::fputs(
          "\nTo be SEALED: a document that is not here, told by its SM3 / 待签章（文件不在本机，以 "
          "SM3 标识）\n",
          stderr);
      return false;
    case device::Display::Kind::certificate_update:
      std::fputs("\nUpdate of the certificate: a new key / 更新证书并换新密钥\n", stderr);
      return false;
    case device::Display::Kind::list:
      std::fputs("\nSeveral documents, see heqi device batch / 多份文件，见 heqi device batch\n",
                 stderr);
      return false;
  }
  return false;
}

std::string_view name_of(device::Display::Kind kind) {
  constexpr std::string_view kNames[] = {
      "document",   "certificate_request", "pin_change", "share_refresh", "local_key",
      "revocation", "certificate_update",  "seal",       "list"};
  return kNames[static_cast<std::size_t>(kind) - 1];
}

void print_tries(const device::Display& display) {
  if (display.tries_left)
    print_line(stderr, "  WRONG PIN, tries left / PIN 错误，剩余次数  ",
               std::to_string(*display.tries_left));
}

}  // namespace

void print_line(std::FILE* to, std::string_view label, const std::string& value) {
  std::fprintf(to, "%.*s%s\n", static_cast<int>(label.size()), label.data(), value.c_str());
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    out += octet < 0x20 || octet == 0x7f ? '?' : c;
  }
  return out;
}

bool is_about_the_key(device::Display::Kind kind) {
  return kind == device::Display::Kind::pin_change || kind == device::Display::Kind::share_refresh;
}

bool is_inspected(const device::Display& display) {
  return display.kind == device::Display::Kind::document &&
         display.content_type == "application/pdf";
}

void print_display(const device::Display& display) {
  const bool document = print_heading(display.kind);
  if (is_about_the_key(display.kind)) return print_tries(display);
  const bool seal = display.kind == device::Display::Kind::seal;
  print_line(stderr,
             document ? "  title / 标题          "
             : seal   ? "  seal / 印章           "
                      : "  subject / 主体        ",
             printable(display.title));
  print_line(stderr, "  application / 应用    ", printable(display.application));
  print_line(stderr, "  type / 类型           ", printable(display.content_type));
  if (document && !is_inspected(display))
    print_line(stderr, "  NOT INSPECTED / 未检查内容  ",
               "no PDF: other programs may show it otherwise / 非 PDF，其他程序的显示可能不同");
  print_line(stderr, "  size / 大小           ", std::to_string(display.size));
  print_line(stderr, "  SM3                   ", base::to_hex(display.digest));
  print_line(stderr, "  code / 校验码         ", display.code);
  if (display.expires)
    print_line(stderr, "  until / 截止          ", base::to_rfc3339(*display.expires));
  print_tries(display);
}

void print_list(const std::vector<device::Display>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::fprintf(stderr, "\n%zu / %zu", i + 1, items.size());
    print_display(items[i]);
    print_line(stderr, "  transaction / 事务    ", printable(items[i].transaction_id));
  }
}

void print_list_question(const device::Display& list, std::size_t count) {
  print_line(stderr,
             "\nThe PIN signs ALL of these / 输入 PIN 即签署以上全部文件: ", std::to_string(count));
  print_tries(list);
}

void write_display(base::JsonWriter& json, const device::Display& display) {
  json.begin_object()
      .field("kind", name_of(display.kind))
      .field("transaction", display.transaction_id)
      .field("title", display.title)
      .field("application", display.application)
      .field("content_type", display.content_type)
      .field("inspected", is_inspected(display))
      .field("size", static_cast<std::int64_t>(display.size))
      .field("sm3", base::to_hex(display.digest))
      .field("code", display.code);
  if (display.expires) json.field("expires", base::to_rfc3339(*display.expires));
  json.end_object();
}

}  // namespace heqi::program
