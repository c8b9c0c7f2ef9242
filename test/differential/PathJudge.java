import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Arguments: folder, number of cases, milliseconds since 1970. Prints one line per case: valid or invalid, a tab, and why. */
public class PathJudge {
  public static void main(String[] arguments) throws Exception {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
      Path at = Path.of(arguments[0], String.valueOf(i));
      System.out.println(judge(factory, at, new Date(Long.parseLong(arguments[2]))));
    }
  }

  private static String judge(CertificateFactory factory, Path at, Date date) {
    try {
      List<X509Certificate> path = new ArrayList<>();
      List<Object> store = new ArrayList<>();
      for (int j = 0; Files.exists(at.resolve(j + ".cer")); j++) path.add(certificate(factory, at.resolve(j + ".cer")));
      for (int j = 0; Files.exists(at.resolve(j + ".crl")); j++)
        store.add(factory.generateCRL(new ByteArrayInputStream(Files.readAllBytes(at.resolve(j + ".crl")))));
      // Certificates of CRL signers.
      for (int j = 0; Files.exists(at.resolve(j + ".signer")); j++) store.add(certificate(factory, at.resolve(j + ".signer")));
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(certificate(factory, at.resolve("root")), null)));
      parameters.setDate(date);
      parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(store)));
      CertPathValidator validator = CertPathValidator.getInstance("PKIX");
      PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
      checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
      parameters.addCertPathChecker(checker);
      validator.validate(factory.generateCertPath(path), parameters);
      return "valid\t";
    } catch (Exception refused) {
      return "invalid\t" + String.valueOf(refused.getMessage()).replaceAll("\\s+", " ");
    }
  }

  private static X509Certificate certificate(CertificateFactory factory, Path file) throws Exception {
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(file)));
  }
}
