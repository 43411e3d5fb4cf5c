// ofdrw verifies a signed file again and again: digests of all parts and the value of the signature.
// Prints verifications per second of this thread's processor time, after warming up.
// java -cp … OfdrwVerify.java FILE WARM_UPS SECONDS
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.container.GBT35275ValidateContainer;

public class OfdrwVerify {
  static void verify(Path file) throws Exception {
    try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
      validator.setValidator(new GBT35275ValidateContainer());
      validator.exeValidate();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    for (int i = Integer.parseInt(arguments[1]); i > 0; --i) verify(file);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long enough = Long.parseLong(arguments[2]) * 1_000_000_000L, begin = threads.getCurrentThreadCpuTime();
    long spent = 0, count = 0;
    for (; spent < enough; ++count, spent = threads.getCurrentThreadCpuTime() - begin) verify(file);
    System.out.println(count * 1e9 / spent);
  }
}
