import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Arguments: folder, number of answers, milliseconds since 1970. Prints one line per answer: valid or invalid, a tab, and why. */
public class OcspJudge {
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    X509Certificate anchor = certificate(folder.resolve("anchor"));
    X509Certificate person = certificate(folder.resolve("person"));
    for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
      byte[] answer = Files.readAllBytes(folder.resolve(String.valueOf(i)));
      System.out.println(judge(anchor, person, answer, new Date(Long.parseLong(arguments[2]))));
    }
  }

  private static String judge(X509Certificate anchor, X509Certificate person, byte[] answer, Date date) {
    try {
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
      parameters.setDate(date);
      CertPathValidator validator = CertPathValidator.getInstance("PKIX");
      PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
      checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.NO_FALLBACK));
      checker.setOcspResponder(new URI("http://127.0.0.1:9/"));
      checker.setOcspResponses(Map.of(person, answer));
      parameters.addCertPathChecker(checker);
      validator.validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(person)), parameters);
      return "valid\t";
    } catch (Exception refused) {
      return "invalid\t" + String.valueOf(refused.getMessage()).replaceAll("\\s+", " ");
    }
  }

  private static X509Certificate certificate(Path file) throws Exception {
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
  }
}
