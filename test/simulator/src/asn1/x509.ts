/** The port to @peculiar/x509, which throws unless reflect-metadata is imported first. */
import 'reflect-metadata';

export { Extension, Name, PublicKey, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
