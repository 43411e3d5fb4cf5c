// DSS, the verifier of the European Commission, judges PAdES files without network.
//
//   DssJudge ROOT.pem FILE.pdf…
//
// One line for each signature: file, field, what DSS calls its format, indication and sub-indication, whether it is
// intact and valid, and how many changes since it DSS cannot explain.
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;

public class DssJudge {
  static final Date MOMENT = Date.from(Instant.parse("2026-06-01T13:00:00Z"));

  static void judge(String path, CommonTrustedCertificateSource roots) {
    CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(roots);
    verifier.setAIASource(null);
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(new File(path)));
    validator.setCertificateVerifier(verifier);
    validator.setValidationTime(MOMENT);
    Reports reports = validator.validateDocument();
    SimpleReport said = reports.getSimpleReport();
    for (SignatureWrapper one : reports.getDiagnosticData().getSignatures()) {
      String id = one.getId();
      System.out.println(String.join("\t", new File(path).getName(), String.join(",", one.getSignatureFieldNames()),
          String.valueOf(one.getSignatureFormat()), String.valueOf(said.getIndication(id)),
          String.valueOf(said.getSubIndication(id)),
          one.isSignatureIntact() && one.isSignatureValid() ? "intact" : "broken",
          String.valueOf(one.getPdfUndefinedChanges().size())));
    }
  }

  public static void main(String[] arguments) {
    CommonTrustedCertificateSource roots = new CommonTrustedCertificateSource();
    roots.addCertificate(DSSUtils.loadCertificate(new File(arguments[0])));
    for (String path : Arrays.asList(arguments).subList(1, arguments.length)) judge(path, roots);
  }
}
