// PDFBox with BouncyCastle signs a file again and again, with the key and certificate that Heqi signs with.
// -Dprovider=BC: digests and RSA are BouncyCastle's too; without it they are the JDK's, which has machine code for them.
// Prints signatures per second of this thread's processor time, after warming up.
// java [-Dprovider=BC] -cp … PdfBoxSign.java FILE KEY.der CERT.der WARM_UPS SECONDS
// java [-Dprovider=BC] -cp … PdfBoxSign.java FILE KEY.der CERT.der OUT    signs once, into OUT
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Calendar;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

public class PdfBoxSign {
  static PrivateKey key;
  static X509Certificate certificate;

  static byte[] message(InputStream content) {
    try {
      CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
      JcaContentSignerBuilder signer = new JcaContentSignerBuilder("SHA256withRSA");
      JcaDigestCalculatorProviderBuilder digests = new JcaDigestCalculatorProviderBuilder();
      String provider = System.getProperty("provider");
      if (provider != null) {
        signer.setProvider(provider);
        digests.setProvider(provider);
      }
      generator.addSignerInfoGenerator(
          new JcaSignerInfoGeneratorBuilder(digests.build()).build(signer.build(key), certificate));
      generator.addCertificates(new JcaCertStore(List.of(certificate)));
      return generator.generate(new CMSProcessableByteArray(content.readAllBytes()), false).getEncoded();
    } catch (Exception problem) {
      throw new IllegalStateException(problem);
    }
  }

  static byte[] sign(byte[] file) throws Exception {
    try (PDDocument document = PDDocument.load(file)) {
      PDSignature signature = new PDSignature();
      signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
      signature.setSubFilter(PDSignature.SUBFILTER_ETSI_CADES_DETACHED);
      signature.setName("Bench");
      signature.setSignDate(Calendar.getInstance());
      document.addSignature(signature, PdfBoxSign::message);
      ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + 65536);
      document.saveIncremental(out);
      return out.toByteArray();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    byte[] file = Files.readAllBytes(Path.of(arguments[0]));
    key = KeyFactory.getInstance("RSA")
              .generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(Path.of(arguments[1]))));
    certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(
        new ByteArrayInputStream(Files.readAllBytes(Path.of(arguments[2]))));
    if (arguments.length == 4) {
      Files.write(Path.of(arguments[3]), sign(file));
      return;
    }
    for (int i = 0; i < Integer.parseInt(arguments[3]); ++i) {
      if (sign(file).length <= file.length) throw new IllegalStateException("nothing was appended");
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long wanted = Long.parseLong(arguments[4]) * 1_000_000_000L;
    long begin = threads.getCurrentThreadCpuTime();
    long signed = 0;
    while (threads.getCurrentThreadCpuTime() - begin < wanted) {
      sign(file);
      ++signed;
    }
    System.out.println(signed * 1e9 / (threads.getCurrentThreadCpuTime() - begin));
  }
}
