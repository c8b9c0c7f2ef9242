/** Entry of the one-file build for `<script>`: the same names as the module, on the global `JpkiRp`. */
export { defineJpkiIdentify, hasPendingIdentification, JpkiIdentifyElement, startIdentification } from './index.ts';
