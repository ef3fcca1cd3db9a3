import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Pages of a Tomcat that stand still in ways an operator meets, and one that computes. */
const PAGES = {
  /** Sleeps so many ms. */
  'slow.jsp': `<%@ page session="false" %><%
    Thread.sleep(Long.parseLong(request.getParameter("ms")));
  %>ok`,
  /** Two threads that take two monitors in opposite order; `ready` once each holds its first. */
  'monitors.jsp': `<%@ page session="false" %><%!
    static final Object STOCK = new Object();
    static final Object ORDER = new Object();
    static final java.util.concurrent.CountDownLatch BOTH = new java.util.concurrent.CountDownLatch(2);
    static void take(Object first, Object second) {
      synchronized (first) {
        BOTH.countDown();
        try { BOTH.await(); } catch (InterruptedException e) { return; }
        synchronized (second) { first.hashCode(); }
      }
    }
  %><%
    new Thread(() -> take(STOCK, ORDER), "stock-keeper").start();
    new Thread(() -> take(ORDER, STOCK), "order-taker").start();
    BOTH.await();
  %>ok`,
  /** The same on locks of java.util.concurrent. */
  'locks.jsp': `<%@ page session="false" %><%!
    static final java.util.concurrent.locks.ReentrantLock CART = new java.util.concurrent.locks.ReentrantLock();
    static final java.util.concurrent.locks.ReentrantLock PRICE = new java.util.concurrent.locks.ReentrantLock();
    static final java.util.concurrent.CountDownLatch BOTH = new java.util.concurrent.CountDownLatch(2);
    static void take(java.util.concurrent.locks.ReentrantLock first, java.util.concurrent.locks.ReentrantLock second) {
      first.lock();
      try {
        BOTH.countDown();
        try { BOTH.await(); } catch (InterruptedException e) { return; }
        second.lock();
      } finally { first.unlock(); }
    }
  %><%
    new Thread(() -> take(CART, PRICE), "cart-filler").start();
    new Thread(() -> take(PRICE, CART), "price-setter").start();
    BOTH.await();
  %>ok`,
  /** A thread that computes until the JVM ends. */
  'burn.jsp': `<%@ page session="false" %><%!
    static volatile long sink;
    static void spin() { for (long i = 0; ; i++) sink = i * 31 + sink; }
  %><%
    Thread burner = new Thread(() -> spin(), "report-burner");
    burner.setDaemon(true);
    burner.start();
  %>ok`,
} as const;
export type DumpPage = keyof typeof PAGES;

/** Puts them into the root application of a Tomcat. */
export function writeDumpPages(base: string): void {
  for (const [name, content] of Object.entries(PAGES))
    writeFileSync(path.join(base, 'webapps/ROOT', name), content);
}
