#include "contract_ofd.h"

namespace heqi::documents {
namespace {

constexpr double kWidth = 210, kHeight = 297, kMargin = 25, kSize = 3.9, kLeading = 6.7;
constexpr double kSignatureSpace = 88;

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> out;
  for (const char octet : text) {
    if ((static_cast<unsigned char>(octet) & 0xC0) != 0x80) out.emplace_back();
    out.back() += octet;
  }
  return out;
}

// Layout breaks paragraphs into lines and lines into pages.
class Layout {
 public:
  void heading(const std::string& text, double size, const std::string& font) {
    keep_free(3 * kLeading);
    y_ += size * 0.8;
    ofd::TextLine line{kMargin, 0, size, text, font};
    if (size > 6) line.x = (kWidth - ofd::text_width(line)) / 2;
    put(std::move(line));
    y_ += size * 0.5;
  }
  void paragraph(const std::string& text) {
    ofd::TextLine now{kMargin + 2 * kSize, 0, kSize, "", "宋体"};
    for (const std::string& one : characters(text)) {
      const bool closes = std::string_view("，。；：、）》”").find(one) != std::string_view::npos;
      ofd::TextLine longer = now;
      longer.text += one;
      if (longer.x + ofd::text_width(longer) > kWidth - kMargin && !closes) {
        put(now);
        now.text.clear(), now.x = kMargin;
      }
      now.text += one;
    }
    put(std::move(now));
  }
  void keep_free(double space) {
    if (y_ + space > kHeight - kMargin) next_page();
  }
  std::vector<ofd::NewPage> finish(const std::string& footer) {
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      ofd::TextLine line{0, kHeight - 13, 2.8,
                         footer + "　第 " + std::to_string(i + 1) + " 页 共 " +
                             std::to_string(pages_.size()) + " 页",
                         "宋体"};
      line.x = (kWidth - ofd::text_width(line)) / 2;
      pages_[i].rules.push_back({kMargin, kHeight - 18, kWidth - kMargin, kHeight - 18, 0.18});
      pages_[i].lines.push_back(std::move(line));
    }
    return std::move(pages_);
  }

 private:
  void put(ofd::TextLine line) {
    if (y_ + kLeading > kHeight - kMargin) next_page();
    y_ += std::max(kLeading, line.size * 1.5);
    line.y = y_;
    pages_.back().lines.push_back(std::move(line));
  }
  void next_page() {
    pages_.emplace_back();
    y_ = kMargin;
  }

  std::vector<ofd::NewPage> pages_{1};
  double y_ = kMargin;
};

}  // namespace

base::Result<base::Bytes> write_contract_ofd(const Contract& contract) {
  Layout layout;
  layout.heading(contract.title, 7, "黑体");
  for (const std::string& paragraph : contract.paragraphs)
    paragraph[0] == '#' ? layout.heading(paragraph.substr(1), 4.2, "黑体")
                        : layout.paragraph(paragraph);
  layout.keep_free(kSignatureSpace);
  layout.paragraph("（以下无正文，为签署栏）");
  layout.paragraph("出租方（甲方）盖章：　　　　　　　　　承租方（乙方）签名：");
  ofd::NewDocument out;
  out.title = contract.title;
  out.created = base::time_from_micros(1'788'220'800'000'000);
  out.pages = layout.finish(contract.footer);
  return ofd::make_document(out);
}

}  // namespace heqi::documents
