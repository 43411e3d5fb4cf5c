#include "contract_pdf.h"

#include <cstdio>

#include <heqi/crypto/sm3.h>
#include <heqi/documents/appearance/compress.h>

namespace heqi::documents {
namespace {

constexpr double kWidth = 595.28, kHeight = 841.89, kMargin = 70, kSize = 11, kLeading = 19;
constexpr double kSignatureSpace = 250;

std::string numbers(std::initializer_list<double> values) {
  std::string out;
  for (const double value : values) out += pdf::encode_value(pdf::to_real(value)) + " ";
  return out;
}

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
  explicit Layout(const appearance::Font& font) : font_(font) {}

  base::Status heading(const std::string& text, double size) {
    keep_free(3 * kLeading);
    y_ -= size * 0.8;
    const double x = size > 15 ? (kWidth - font_.width(text) * size) / 2 : kMargin;
    HEQI_TRY(line(text, size, x));
    y_ -= size * 0.5;
    return {};
  }

  base::Status paragraph(const std::string& text) {
    std::string now;
    double x = kMargin + 2 * kSize, used = 0;
    for (const std::string& one : characters(text)) {
      const double width = font_.width(one) * kSize;
      // Closing punctuation may hang over the edge; it must not begin a line.
      const bool closes = std::string_view("，。；：、）》”").find(one) != std::string_view::npos;
      if (x + used + width > kWidth - kMargin && !closes) {
        HEQI_TRY(line(now, kSize, x));
        now.clear(), used = 0, x = kMargin;
      }
      now += one, used += width;
    }
    return line(now, kSize, x);
  }

  void keep_free(double space) {
    if (y_ - space < kMargin) next_page();
  }

  base::Status footers(const std::string& text) {
    next_page();
    pages.pop_back();
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const std::string shown =
          text + "　第 " + std::to_string(i + 1) + " 页 共 " + std::to_string(pages.size()) + " 页";
      HEQI_TRY(const std::string operand, font_.show(shown));
      pages[i] += "0.5 w 0.6 G " + numbers({kMargin, 52}) + "m " + numbers({kWidth - kMargin, 52}) +
                  "l S\nBT 0.4 g /F1 8 Tf " + numbers({(kWidth - font_.width(shown) * 8) / 2, 38}) +
                  "Td " + operand + " Tj ET\n";
    }
    return {};
  }

  std::vector<std::string> pages{""};
  appearance::TextFont& font() { return font_; }

 private:
  base::Status line(const std::string& text, double size, double x) {
    if (y_ - kLeading < kMargin) next_page();
    y_ -= std::max(kLeading, size * 1.5);
    HEQI_TRY(const std::string operand, font_.show(text));
    pages.back() +=
        "BT 0 g /F1 " + numbers({size}) + "Tf " + numbers({x, y_}) + "Td " + operand + " Tj ET\n";
    return {};
  }
  void next_page() {
    pages.emplace_back();
    y_ = kHeight - kMargin;
  }

  appearance::TextFont font_;
  double y_ = kHeight - kMargin;
};

pdf::Value numbered(const pdf::Value& value) {
  if (const pdf::Reference* reference = value.reference())
    return pdf::Reference{reference->number + 1, 0};
  if (const pdf::Array* array = value.array()) {
    pdf::Array out;
    for (const pdf::Value& item : array->items) out.items.push_back(numbered(item));
    return out;
  }
  if (const pdf::Dictionary* dictionary = value.dictionary()) {
    pdf::Dictionary out;
    for (const pdf::Entry& entry : dictionary->entries)
      out.set(entry.key.text, numbered(entry.value));
    return out;
  }
  return value;
}

base::Bytes write_file(const pdf::Graph& graph, std::size_t information) {
  std::string out = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", table;
  const std::string count = std::to_string(graph.objects.size() + 1);
  for (std::size_t i = 0; i < graph.objects.size(); ++i) {
    char row[32];
    std::snprintf(row, sizeof row, "%010zu 00000 n \n", out.size());
    table += row;
    pdf::Value value = numbered(graph.objects[i].value);
    const auto& data = graph.objects[i].data;
    if (data) {
      pdf::Dictionary dictionary = *value.dictionary();
      dictionary.set("Length", static_cast<std::int64_t>(data->size()));
      value = std::move(dictionary);
    }
    out += std::to_string(i + 1) + " 0 obj\n" + pdf::encode_value(value);
    if (data) out += "\nstream\n" + std::string(base::text_of(*data)) + "\nendstream";
    out += "\nendobj\n";
  }
  const std::size_t xref = out.size();
  const crypto::Digest digest = crypto::sm3(base::bytes_of(out));
  const pdf::String id{{digest.begin(), digest.begin() + 16}, true};
  pdf::Dictionary trailer;
  trailer.set("Size", static_cast<std::int64_t>(graph.objects.size() + 1));
  trailer.set("Root", pdf::Reference{1, 0});
  trailer.set("Info", pdf::Reference{static_cast<std::uint32_t>(information + 1), 0});
  trailer.set("ID", pdf::Array{{id, id}});
  out += "xref\n0 " + count + "\n0000000000 65535 f \n" + table + "trailer\n" +
         pdf::encode_value(trailer) + "\nstartxref\n" + std::to_string(xref) + "\n%%EOF\n";
  return base::to_bytes(out);
}

}  // namespace

base::Result<base::Bytes> write_contract(const appearance::Font& font, const Contract& contract) {
  Layout layout(font);
  HEQI_TRY(layout.heading(contract.title, 20));
  for (const std::string& paragraph : contract.paragraphs) {
    if (paragraph[0] == '#') {
      HEQI_TRY(layout.heading(paragraph.substr(1), 12));
    } else {
      HEQI_TRY(layout.paragraph(paragraph));
    }
  }
  layout.keep_free(kSignatureSpace);
  HEQI_TRY(layout.paragraph("（以下无正文，为签署栏）"));
  HEQI_TRY(layout.paragraph("出租方（甲方）签名：　　　　　　　　　　　承租方（乙方）签名："));
  HEQI_TRY(layout.footers(contract.footer));

  pdf::Graph graph;
  graph.objects.resize(2);
  pdf::Dictionary information;
  information.set("Title", pdf::to_text_string(contract.title));
  information.set("Producer", pdf::to_text_string("heqi examples"));
  information.set("CreationDate", pdf::to_date(base::time_from_micros(1'788'220'800'000'000)));
  graph.objects.push_back({std::move(information), {}});
  HEQI_TRY(const std::size_t text_font, layout.font().append_to(graph));
  pdf::Array kids;
  for (const std::string& content : layout.pages) {
    const std::size_t page = graph.objects.size();
    kids.items.push_back(pdf::local_reference(page));
    pdf::Dictionary fonts, resources, dictionary;
    fonts.set("F1", pdf::local_reference(text_font));
    resources.set("Font", std::move(fonts));
    dictionary.set("Type", pdf::Name{"Page"}).set("Parent", pdf::local_reference(1));
    dictionary.set("Contents", pdf::local_reference(page + 1));
    dictionary.set("Resources", std::move(resources));
    graph.objects.push_back({std::move(dictionary), {}});
    graph.objects.push_back(appearance::make_stream({}, base::bytes_of(content)));
  }
  pdf::Dictionary catalog, tree;
  catalog.set("Type", pdf::Name{"Catalog"}).set("Pages", pdf::local_reference(1));
  catalog.set("Lang", pdf::to_text_string("zh-CN"));
  tree.set("Type", pdf::Name{"Pages"});
  tree.set("Count", static_cast<std::int64_t>(kids.items.size())).set("Kids", std::move(kids));
  tree.set("MediaBox", to_value(pdf::Rectangle{0, 0, kWidth, kHeight}));
  graph.objects[0] = {std::move(catalog), {}};
  graph.objects[1] = {std::move(tree), {}};
  return write_file(graph, 2);
}

Contract lease() {
  return {
      "房屋租赁合同",
      {
          "合同编号：HQ-2026-0921　　　　签订地点：上海市徐汇区",
          "出租方（以下简称甲方）：张晓岚　　　　联系电话：021-5555-0101",
          "承租方（以下简称乙方）：李承泽　　　　联系电话：021-5555-0188",
          "根据《中华人民共和国民法典》及有关法律、法规的规定，甲乙双方在平等、自愿、协商一致的基础"
          "上，"
          "就乙方承租甲方可依法出租的房屋事宜，订立本合同。",
          "#第一条　房屋的坐落与基本情况",
          "甲方将坐落于上海市徐汇区漕溪北路 398 号 12 幢 1603 "
          "室的房屋（以下简称该房屋）出租给乙方使用。"
          "该房屋建筑面积为 86.4 平方米，户型为两室一厅一卫，装修状况为精装修，用途为居住。"
          "随同出租的附属设施及设备见双方签字确认的交接清单，清单与本合同具有同等效力。",
          "#第二条　租赁期限",
          "租赁期限自 2026 年 10 月 1 日起至 2028 年 9 月 30 日止，共计 24 "
          "个月。租赁期满，乙方如需继续承租，"
          "应当在期满前 60 "
          "日以书面形式通知甲方，经甲方同意后重新签订租赁合同；在同等条件下，乙方享有优先承租权。",
          "#第三条　租金、押金及支付方式",
          "该房屋月租金为人民币 7,800 元（大写：柒仟捌佰元整）。租赁期限内租金标准不作调整。"
          "乙方应当于每月 5 "
          "日前向甲方支付当月租金，逾期支付的，每逾期一日按应付未付金额的万分之五支付违约金。",
          "乙方应当于本合同签订之日起 3 日内向甲方支付押金人民币 15,600 元。租赁关系终止时，"
          "押金除用于抵充应由乙方承担的费用外，剩余部分应当在房屋交还之日起 7 日内无息返还乙方。",
          "#第四条　其他费用",
          "租赁期限内，使用该房屋所发生的水费、电费、燃气费、通信费、有线电视费由乙方承担；"
          "物业管理费、房屋专项维修资金由甲方承担。费用以收费单位出具的票据为准。",
          "#第五条　房屋的交付与使用",
          "甲方应当于 2026 年 10 月 1 "
          "日前将该房屋交付乙方使用，双方应当当场核验房屋状况与附属设施并签署交接清单。"
          "乙方应当按照约定用途合理使用该房屋，遵守国家和本市有关消防、治安、环保及物业管理的规定，"
          "不得擅自改变房屋的结构和用途。因使用不当造成房屋或者设施损坏的，乙方应当负责修复或者赔偿"
          "。",
          "#第六条　房屋的维修",
          "租赁期限内，甲方应当保证该房屋及附属设施处于适用和安全的状态。房屋发生自然损坏的，乙方应"
          "当及时通知甲方，"
          "甲方应当在接到通知后 3 日内进行维修；逾期不维修的，乙方可以代为维修，费用由甲方承担。",
          "#第七条　转租与转让",
          "未经甲方书面同意，乙方不得将该房屋部分或者全部转租他人。租赁期限内甲方出售该房屋的，"
          "应当提前 30 日通知乙方，乙方在同等条件下享有优先购买权；所有权变动不影响本合同的效力。",
          "#第八条　合同的解除",
          "有下列情形之一的，守约方可以书面通知对方解除本合同：（一）甲方迟延交付房屋达 15 日的；"
          "（二）交付的房屋严重不符合约定，影响乙方安全或者健康的；（三）乙方累计拖欠租金达一个月的"
          "；"
          "（四）乙方擅自改变房屋用途或者结构的；（五）乙方利用该房屋从事违法活动的；（六）法律规定"
          "的其他情形。",
          "#第九条　违约责任",
          "任何一方违反本合同约定的，应当承担违约责任，赔偿由此给对方造成的损失。"
          "一方在租赁期限内无正当理由提前解除合同的，应当向对方支付相当于两个月租金的违约金。",
          "#第十条　电子签名",
          "双方同意采用可靠的电子签名签署本合同。双方在电子合同平台上使用各自的数字证书所作的签名，"
          "依照《中华人民共和国电子签名法》与手写签名具有同等的法律效力。"
          "本合同自双方完成签署之时成立并生效，签署时间以可信时间戳为准。",
          "#第十一条　争议的解决",
          "因本合同发生的争议，由双方协商解决；协商不成的，任何一方均可以向该房屋所在地的人民法院提"
          "起诉讼。",
          "#第十二条　附则",
          "本合同未尽事宜，经双方协商一致可以订立补充协议，补充协议与本合同具有同等效力。"
          "本合同以电子数据形式保存，双方可以随时下载、查阅和验证。",
      },
      "房屋租赁合同 HQ-2026-0921"};
}

}  // namespace heqi::documents
