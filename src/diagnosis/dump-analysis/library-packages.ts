/**
 * Whose code a frame is: what begins with one of these is the JDK's, the server's, a framework's or a driver's; all
 * else is the application's. Compiled pages (`org.apache.jsp.`) are the application's.
 */
const PLATFORM = ['java.', 'javax.', 'jakarta.', 'jdk.', 'sun.', 'com.sun.', 'netscape.', 'com.ibm.jvm.'];
const SERVERS = [
  'org.apache.catalina.',
  'org.apache.coyote.',
  'org.apache.tomcat.',
  'org.apache.naming.',
  'org.apache.jasper.',
  'org.apache.juli.',
  'org.apache.el.',
  'org.eclipse.jetty.',
  'io.undertow.',
  'org.xnio.',
  'org.wildfly.',
  'org.jboss.',
  'weblogic.',
  'com.ibm.ws.',
  'com.ibm.io.',
  'jeus.',
  'io.netty.',
  'reactor.',
  'io.vertx.core.',
  'scouter.',
  'com.navercorp.pinpoint.',
  'com.newrelic.',
  'datadog.',
  'io.opentelemetry.',
  'whatap.',
];
const FRAMEWORKS = [
  'org.springframework.',
  'org.hibernate.',
  'org.apache.ibatis.',
  'org.mybatis.',
  'com.ibatis.',
  'org.apache.struts',
  'com.opensymphony.',
  'org.egovframe.rte.',
  'egovframework.rte.',
  'org.apache.cxf.',
  'org.apache.axis',
  'org.glassfish.',
  'org.aspectj.',
  'net.sf.cglib.',
  'net.bytebuddy.',
  'javassist.',
  'com.google.common.',
  'com.google.gson.',
  'com.fasterxml.',
  'org.apache.commons.',
  'org.apache.xerces.',
  'org.apache.xalan.',
  'org.quartz.',
  'akka.',
  'kotlin.',
  'kotlinx.',
  'scala.',
  'groovy.',
  'org.codehaus.groovy.',
  'org.apache.groovy.',
  'io.micrometer.',
  'io.reactivex.',
  'rx.',
  'feign.',
  'org.slf4j.',
  'org.apache.log4j.',
  'org.apache.logging.',
  'ch.qos.logback.',
  'net.sf.ehcache.',
  'org.ehcache.',
  'com.hazelcast.',
  'org.infinispan.',
];
/** A socket read below one of these is a call of a database. */
const DATABASES = [
  'oracle.',
  'com.mysql.',
  'org.mariadb.',
  'org.postgresql.',
  'com.microsoft.sqlserver.',
  'net.sourceforge.jtds.',
  'com.ibm.db2.',
  'com.tmax.tibero.',
  'cubrid.',
  'com.edb.',
  'Altibase.',
  'org.h2.',
  'org.hsqldb.',
  'org.apache.derby.',
  'com.sap.db.',
  'com.sybase.',
  'com.mongodb.',
  'redis.clients.',
  'io.lettuce.',
  'org.redisson.',
  'net.spy.memcached.',
];
const DATABASE_POOLS = [
  'com.zaxxer.hikari.',
  'com.mchange.',
  'com.alibaba.druid.',
  'com.jolbox.bonecp.',
  'com.atomikos.',
];
/** A socket read below one of these waits for another server. */
const REMOTE_CALLS = [
  'org.apache.http.',
  'org.apache.hc.',
  'org.apache.commons.httpclient.',
  'okhttp3.',
  'okio.',
  'sun.net.www.protocol.http',
  'jdk.internal.net.http.',
  'java.net.HttpURLConnection.',
  'com.rabbitmq.',
  'org.apache.activemq.',
  'org.apache.kafka.',
  'io.grpc.',
  'org.apache.thrift.',
  'com.jcraft.jsch.',
  'org.apache.sshd.',
  'software.amazon.awssdk.',
  'com.amazonaws.',
  'com.google.api.',
  'javax.naming.ldap.',
  'com.sun.jndi.ldap.',
  'com.sun.mail.',
  'org.elasticsearch.',
  'org.apache.lucene.',
];

const begins = (prefixes: readonly string[]) => (method: string) =>
  prefixes.some((prefix) => method.startsWith(prefix));
export const isPlatformCode = begins(PLATFORM);
export const isDatabaseCode = begins(DATABASES);
export const isRemoteCallCode = begins(REMOTE_CALLS);
const isListed = begins([
  ...PLATFORM,
  ...SERVERS,
  ...FRAMEWORKS,
  ...DATABASES,
  ...DATABASE_POOLS,
  ...REMOTE_CALLS,
]);
/** `jdk.proxy2.$Proxy12`, `$Proxy12`, `com.sun.proxy.$Proxy3` */
const isProxy = (method: string): boolean => /(^|\.)\$Proxy\d/.test(method);

/** True for a method (`com.shop.Cart.add`) that is not the application's own. */
export const isLibraryCode = (method: string): boolean => isListed(method) || isProxy(method);
