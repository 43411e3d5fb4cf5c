#include <heqi/http/multipart.h>

#include <heqi/testing/expect.h>

namespace heqi::http {
namespace {

using base::Code;

constexpr std::string_view kType = "multipart/form-data; boundary=b";

// parsed copies what matters, since parts view the body.
std::string parsed(std::string_view body, std::string_view type = kType,
                   MultipartLimits limits = {}) {
  const auto parts = parse_multipart(type, base::bytes_of(body), limits);
  if (!parts) return std::string(base::error_text(parts.error().code).id);
  std::string out;
  for (const Part& part : *parts)
    out += part.name + "|" + part.file_name + "|" + part.content_type + "|" +
           std::string(base::text_of(part.body)) + ";";
  return out;
}

constexpr std::string_view kHead = "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n";

TEST(Multipart, GivesThePartsWithTheirNames) {
  EXPECT_EQ(parsed("--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n租赁\r\n"
                   "--b\r\ncontent-type: Application/PDF\r\nContent-Disposition: form-data; "
                   "name=file; filename=\"合同 \\\"1\\\".pdf\"\r\n\r\n%PDF\r\n--\r\n\r\n--b--\r\n"),
            "title||text/plain|租赁;file|合同 \"1\".pdf|application/pdf|%PDF\r\n--\r\n;");
  EXPECT_EQ(
      parsed("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\x\\y.pdf\"\r\n"
             "\r\n\r\n--b--"),
      "f|y.pdf|text/plain|;");
  EXPECT_EQ(parsed("--a b\r\nContent-Disposition: form-data; name=f\r\n\r\n1\r\n--a b--",
                   "multipart/form-data; boundary=\"a b\""),
            "f||text/plain|1;");
}

TEST(Multipart, RefusesWhatIsNotAForm) {
  EXPECT_EQ(parsed("", "application/json"), "unsupported");
  EXPECT_EQ(parsed("", "multipart/mixed; boundary=b"), "unsupported");
  for (std::string_view type :
       {"multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"b", "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=a{b}", "multipart/form-data; boundary=\"a \""})
    EXPECT_EQ(parsed("--b--", type), "malformed") << type;
  EXPECT_EQ(parsed("--b--", "multipart/form-data; boundary=" + std::string(71, 'b')), "malformed");
}

TEST(Multipart, RefusesBrokenBodies) {
  const std::string head(kHead);
  for (const std::string& body : std::vector<std::string>{
           "",
           "x--b--",
           "\r\n--b--",
           "--b",
           "--b\r\n",
           "--b-",
           "--bx\r\n",
           "--b\n",
           head,
           head + "1",
           head + "1\r\n--b",
           head + "1\r\n--b\r\n",
           head + "1\r\n--b--x",
           head + "1\r\n--b--\r\n\r\n",
           head + "1\n--b--",
           head + "1\r\n" + head + "2\r\n--b--",  // one name twice
           "--b\r\n\r\n1\r\n--b--",               // no disposition
           "--b\r\nContent-Disposition: attachment; name=f\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=\"f\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=f; name=g\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''x\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=f\r\nContent-Type: "
           "multipart/mixed\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=f\r\nContent-Transfer-Encoding: "
           "base64\r\n\r\n1\r\n--b--",
           "--b\r\nContent-Disposition: form-data; name=f\r\n folded\r\n\r\n1\r\n--b--"})
    EXPECT_EQ(parsed(body), "malformed") << body;
}

TEST(Multipart, KeepsItsLimits) {
  std::string body;
  for (int i = 0; i < 3; ++i)
    body +=
        "--b\r\nContent-Disposition: form-data; name=n" + std::to_string(i) + "\r\n\r\n12345\r\n";
  body += "--b--";
  EXPECT_EQ(parsed(body, kType, {.parts_max = 2}), "limit_exceeded");
  EXPECT_EQ(parsed(body, kType, {.part_size_max = 4}), "limit_exceeded");
  EXPECT_NE(parsed(body, kType, {.parts_max = 3, .part_size_max = 5}), "limit_exceeded");
  EXPECT_EQ(parsed("--b\r\nContent-Disposition: form-data; name=" +
                   std::string(kPartHeaderSizeMax, 'n') + "\r\n\r\n1\r\n--b--"),
            "malformed");
}

Request upload_request(std::string type, std::string_view body) {
  Request request;
  request.headers = {{"content-type", std::move(type)}};
  request.body = base::to_bytes(body);
  return request;
}

TEST(Upload, TakesAWholeBodyOrTheFileOfAForm) {
  Request plain = upload_request("application/pdf", "%PDF-1.7");
  plain.query = {{"name", "合同.pdf"}};
  const auto first = get_upload(plain, "application/pdf");
  ASSERT_OK(first);
  EXPECT_EQ(first->file_name, "合同.pdf");
  EXPECT_EQ(base::text_of(first->content), "%PDF-1.7");
  const Request form = upload_request(
      std::string(kType),
      "--b\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\nContent-Type: "
      "application/pdf\r\n\r\n%PDF\r\n--b--");
  const auto second = get_upload(form, "application/pdf");
  ASSERT_OK(second);
  EXPECT_EQ(second->file_name, "a.pdf");
}

TEST(Upload, RefusesOtherTypesAndPathsAsNames) {
  EXPECT_ERROR(get_upload(upload_request("text/html", ""), "application/pdf"), Code::unsupported);
  EXPECT_ERROR(get_upload(upload_request("", ""), "application/pdf"), Code::unsupported);
  Request named = upload_request("application/pdf", "%PDF");
  named.query = {{"name", "../x"}};
  EXPECT_ERROR(get_upload(named, "application/pdf"), Code::malformed);
  const std::string head = "--b\r\nContent-Disposition: form-data; name=";
  EXPECT_ERROR(get_upload(upload_request(std::string(kType), head + "file\r\n\r\n1\r\n--b--"),
                          "application/pdf"),
               Code::unsupported);
  EXPECT_ERROR(get_upload(upload_request(std::string(kType), head + "other\r\n\r\n1\r\n--b--"),
                          "application/pdf"),
               Code::malformed);
}

}  // namespace
}  // namespace heqi::http
